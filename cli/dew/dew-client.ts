import type { CallSigner } from '../../core/calls.ts';
import { digestOf, type Digest } from '../../core/digest.ts';
import { MAX_DOCUMENT_BYTES } from '../../core/document/limits.ts';
import { DewproofError } from '../../core/errors.ts';
import type { ParsedDocument } from '../../core/document/parse-document.ts';
import { fetchCapped, type CappedResponse } from '../../platform/http/fetch-capped.ts';
import type { Artifact } from '../apply/read-artifact.ts';
import { problemError } from './problem-error.ts';

/** Generous for a document of 256 KiB over a barn's wireless link; a server that is slower is hostile or broken. */
const limits = { maxBytes: MAX_DOCUMENT_BYTES, minBytesPerSecond: 1024, totalMs: 30_000 };

/** One dew server, called as one account. */
export interface DewClient {
  readonly url: string;
  /** Hands a document over; one that the dew has already is fine. @throws DEW_UNAVAILABLE, and the dew's own codes */
  putDocument(document: ParsedDocument): Promise<void>;
  /** Hands over a file that a document names; the document first. @throws as `putDocument` */
  putArtifact(artifact: Artifact): Promise<void>;
  /**
   * The bytes with this digest, checked; undefined where the dew has none.
   * @throws DIGEST_MISMATCH, DEW_UNAVAILABLE, ENDLESS_DATA, SLOW_RETRIEVAL, and the dew's own codes
   */
  getDocument(digest: Digest): Promise<Uint8Array | undefined>;
}

/** Speaks with the dew at `url` as `signer`. */
export function createDewClient({ url, signer }: { readonly url: string; readonly signer: CallSigner }): DewClient {
  const put = async (path: string, { body, type }: { body: Uint8Array; type: string }) => {
    const headers = { 'content-type': type };
    const totalMs = limits.totalMs + (body.length / limits.minBytesPerSecond) * 1000;
    const response = await fetchCapped(url + path, { ...limits, totalMs, method: 'PUT', headers, body, signer });
    if (!isOk(response)) throw problemError(response, url);
  };
  return {
    url,
    putDocument: ({ digest, bytes }) => put(`/v1/documents/${digest}`, { body: bytes, type: 'application/json' }),
    putArtifact: ({ digest, bytes }) =>
      put(`/v1/artifacts/${digest}`, { body: bytes, type: 'application/octet-stream' }),
    getDocument: async (digest) => {
      const response = await fetchCapped(`${url}/v1/documents/${digest}`, { ...limits, signer });
      const refusal = isOk(response) ? undefined : problemError(response, url);
      if (refusal !== undefined && isAbsence(refusal)) return undefined;
      if (refusal !== undefined) throw refusal;
      if (digestOf(response.body) === digest) return response.body;
      throw new DewproofError('DIGEST_MISMATCH', `${url} answered other bytes than ${digest} names; do not trust it.`);
    },
  };
}

/** A dew that does not have it, or whose groups it is not of, as against one that can't tell. */
function isAbsence({ code }: DewproofError): boolean {
  return code === 'NOT_FOUND' || code === 'NOT_APPROVED';
}

function isOk({ status }: CappedResponse): boolean {
  return status >= 200 && status < 300;
}

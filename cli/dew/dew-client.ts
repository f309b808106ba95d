import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import type { CallSigner } from '../../core/calls.ts';
import { digestOf, type Digest } from '../../core/digest.ts';
import type { ArtifactRef } from '../../core/document/artifact-of.ts';
import { MAX_DOCUMENT_BYTES, MAX_HELD_ARTIFACT_BYTES } from '../../core/document/limits.ts';
import { DewproofError } from '../../core/errors.ts';
import type { ParsedDocument } from '../../core/document/parse-document.ts';
import type { Name } from '../../core/ids.ts';
import { accountField } from '../../core/fields.ts';
import type { SignedOrder } from '../../core/rollout/order.ts';
import { rolloutReportSchema, type RolloutReport } from '../../core/wire/rollout-report.ts';
import { fetchCapped, type CappedResponse } from '../../platform/http/fetch-capped.ts';
import type { Artifact } from '../apply/read-artifact.ts';
import { problemError } from './problem-error.ts';

/** Generous for a document of 256 KiB over a barn's wireless link; a server that is slower is hostile or broken. */
const limits = { maxBytes: MAX_DOCUMENT_BYTES, minBytesPerSecond: 1024, totalMs: 30_000 };

// 10,000 devices have some 2 MB.
const MAX_REPORT_BYTES = 4_194_304;
const MAX_PLACED = 10_000;

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
  /** The file that a document names, checked; undefined where the dew has none. @throws as `getDocument` */
  getArtifact(artifact: ArtifactRef): Promise<Uint8Array | undefined>;
  /** Hands a rollout order over; the same one again is fine. @throws DEW_UNAVAILABLE, and the dew's own codes */
  putRollout(signed: SignedOrder): Promise<void>;
  /** What the dew says of a rollout; undefined where it knows none. @throws SCHEMA, DEW_UNAVAILABLE, the dew's own codes */
  getRollout(scope: { readonly tenant: Name; readonly name: Name }): Promise<RolloutReport | undefined>;
  /** The devices that the dew says it placed a resource on. @throws SCHEMA, DEW_UNAVAILABLE, the dew's own codes */
  getPlaced(scope: { readonly tenant: Name; readonly name: Name }): Promise<readonly Account[]>;
}

/** Speaks with the dew at `url` as `signer`. */
export function createDewClient({ url, signer }: { readonly url: string; readonly signer: CallSigner }): DewClient {
  const put = async (path: string, { body, type }: { body: Uint8Array; type: string }) => {
    const headers = { 'content-type': type };
    const totalMs = limits.totalMs + (body.length / limits.minBytesPerSecond) * 1000;
    const response = await fetchCapped(url + path, { ...limits, totalMs, method: 'PUT', headers, body, signer });
    if (!isOk(response)) throw problemError(response, url);
  };
  const getContent = async (path: string, { digest, size }: ArtifactRef) => {
    const totalMs = limits.totalMs + (size / limits.minBytesPerSecond) * 1000;
    const response = await fetchCapped(url + path, { ...limits, maxBytes: size, totalMs, signer });
    const refusal = isOk(response) ? undefined : problemError(response, url);
    if (refusal !== undefined && isAbsence(refusal)) return undefined;
    if (refusal !== undefined) throw refusal;
    if (digestOf(response.body) === digest) return response.body;
    throw new DewproofError('DIGEST_MISMATCH', `${url} answered other bytes than ${digest} names; do not trust it.`);
  };
  const rolloutUrl = ({ tenant, name }: { tenant: Name; name: Name }) => `${url}/v1/rollouts/${tenant}/${name}`;
  return {
    url,
    putDocument: ({ digest, bytes }) => put(`/v1/documents/${digest}`, { body: bytes, type: 'application/json' }),
    putArtifact: ({ digest, bytes }) =>
      put(`/v1/artifacts/${digest}`, { body: bytes, type: 'application/octet-stream' }),
    getDocument: (digest) => getContent(`/v1/documents/${digest}`, { digest, size: MAX_DOCUMENT_BYTES }),
    getArtifact: ({ digest, size }) =>
      getContent(`/v1/artifacts/${digest}`, { digest, size: Math.min(size, MAX_HELD_ARTIFACT_BYTES) }),
    putRollout: (signed) =>
      put(`/v1/rollouts/${signed.order.tenant}/${signed.order.name}`, {
        body: Buffer.from(JSON.stringify(signed)),
        type: 'application/json',
      }),
    getRollout: async (scope) => {
      const response = await fetchCapped(rolloutUrl(scope), { ...limits, maxBytes: MAX_REPORT_BYTES, signer });
      const refusal = isOk(response) ? undefined : problemError(response, url);
      if (refusal !== undefined && isAbsence(refusal)) return undefined;
      if (refusal !== undefined) throw refusal;
      return parseAnswer(response, rolloutReportSchema);
    },
    getPlaced: async ({ tenant, name }) => {
      const target = `${url}/v1/resources/${tenant}/${name}`;
      const response = await fetchCapped(target, { ...limits, maxBytes: MAX_REPORT_BYTES, signer });
      const refusal = isOk(response) ? undefined : problemError(response, url);
      if (refusal !== undefined && isAbsence(refusal)) return [];
      if (refusal !== undefined) throw refusal;
      return parseAnswer(response, placedSchema).resources.flatMap(({ devices }) => devices);
    },
  };
}

const placedSchema = z.looseObject({
  resources: z.array(z.looseObject({ devices: z.array(accountField).max(MAX_PLACED) })).max(1000),
});

function parseAnswer<Schema extends z.ZodType>({ body }: CappedResponse, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'A dew answered with something else than was asked for; do not trust it.', {
      cause,
    });
  }
}

/** A dew that does not have it, or whose groups it is not of, as against one that can't tell. */
function isAbsence({ code }: DewproofError): boolean {
  return code === 'NOT_FOUND' || code === 'NOT_APPROVED';
}

function isOk({ status }: CappedResponse): boolean {
  return status >= 200 && status < 300;
}

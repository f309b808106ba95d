import { digestOf, type Digest } from '../digest.ts';
import { DewproofError } from '../errors.ts';
import { canonicalBytes } from './canonical.ts';
import { MAX_DOCUMENT_BYTES } from './limits.ts';
import { schemaError } from './schema-error.ts';
import { documentSchema, type DeviceProfile, type Document, type VirtualResource } from './schema.ts';
import { verifyShape } from './verify-shape.ts';

/** A document with the bytes it was read from and their digest; `kind` stands in the document. */
export interface ParsedDocument<D extends Document = VirtualResource | DeviceProfile> {
  readonly document: D;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/**
 * Parses a document as the network and the disk hold it: canonical JSON (RFC 8785) and nothing else. What zod leaves
 * out of consideration (duplicate keys, -0, numbers beyond a double, order, spaces) the comparison of bytes refuses.
 * Defaults are filled in after that comparison: they are the reader's, the bytes stay what was approved.
 * @throws ENDLESS_DATA, TOO_DEEP, SCHEMA
 */
export function parseDocument(bytes: Uint8Array): ParsedDocument {
  verifySize(bytes);
  const value = parseJson(bytes);
  verifyShape(value);
  const parsed = documentSchema.safeParse(value);
  if (!parsed.success) throw schemaError('document', parsed.error);
  verifyCanonical(bytes, value);
  return { document: parsed.data, digest: digestOf(bytes), bytes };
}

/** Refuses more bytes than a document may have, before anything looks at them. @throws ENDLESS_DATA */
export function verifySize(bytes: Uint8Array): void {
  if (bytes.length <= MAX_DOCUMENT_BYTES) return;
  throw new DewproofError('ENDLESS_DATA', `A document has at most ${MAX_DOCUMENT_BYTES} bytes; split it.`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'The document is not JSON in UTF-8; fetch or write it again.', { cause });
  }
}

function verifyCanonical(bytes: Uint8Array, value: unknown): void {
  if (Buffer.compare(bytes, canonicalBytes(value)) === 0) return;
  throw new DewproofError('SCHEMA', 'The document is not in its canonical form (RFC 8785); write it with dewproof.');
}

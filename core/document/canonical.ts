import canonicalize from 'canonicalize';
import { DewproofError } from '../errors.ts';

/**
 * The one byte form of a JSON value (RFC 8785); of a document it is what its digest covers.
 * @throws SCHEMA (lone surrogates, NaN, infinities, cycles, nothing that JSON can express)
 */
export function canonicalBytes(value: unknown): Uint8Array {
  const text = canonicalText(value);
  if (text === undefined) throw new DewproofError('SCHEMA', 'JSON has no form for this value.');
  return new TextEncoder().encode(text);
}

function canonicalText(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'JSON has no canonical form for this value (RFC 8785).', { cause });
  }
}

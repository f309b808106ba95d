import { decode } from 'cborg';
import type { PayloadSpec } from '../../core/document/schema.ts';
import type { Scalar } from '../../core/document/scalar.ts';
import { DewproofError } from '../../core/errors.ts';
import { readBinary } from './read-binary.ts';
import { valueAt } from './json-pointer.ts';
import { parseScalar } from './parse-scalar.ts';

/** The most bytes of a message that are looked at. */
export const MAX_PAYLOAD_BYTES = 16_384;

// JSON's own grammar of numbers (RFC 8259 section 6): no NaN, no Infinity, no hexadecimal.
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/**
 * The value that a sensor's message holds for an input; anyone near the sensor may have written it.
 * @throws ENDLESS_DATA (more than `MAX_PAYLOAD_BYTES`), SCHEMA (not in the format, nothing at the pointer, not of the
 * type or out of the bounds that the input declares)
 */
export function parsePayload(bytes: Uint8Array, payload: PayloadSpec): Scalar {
  if (bytes.length > MAX_PAYLOAD_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `A message has at most ${MAX_PAYLOAD_BYTES} bytes; send less.`);
  }
  return parseScalar(contentOf(bytes, payload), payload);
}

function contentOf(bytes: Uint8Array, { format, pointer = '', binary }: PayloadSpec): unknown {
  switch (format) {
    case 'number':
      return parseNumber(textOf(bytes).trim());
    case 'text':
      return textOf(bytes);
    case 'json':
      return valueAt(parseJson(textOf(bytes)), pointer);
    case 'cbor':
      return valueAt(parseCbor(bytes), pointer);
    case 'binary':
      return binary && readBinary(bytes, binary);
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'The message is not UTF-8; send what the input declares.', { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'The message is not JSON; send what the input declares.', { cause });
  }
}

/** CBOR (RFC 8949) as sensors write it: neither canonical nor without NaN, but whole, and with no key twice. */
function parseCbor(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { rejectDuplicateMapKeys: true, allowBigInt: false });
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'The message is not CBOR; send what the input declares.', { cause });
  }
}

function parseNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

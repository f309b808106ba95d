import type { Input } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import { valueAt } from './json-pointer.ts';

/** The most bytes of a message that are looked at. */
export const MAX_PAYLOAD_BYTES = 16_384;

// JSON's own grammar of numbers (RFC 8259 section 6): no NaN, no Infinity, no hexadecimal.
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/**
 * The value that a sensor's message holds for an input; anyone near the sensor may have written it.
 * @throws ENDLESS_DATA (more than `MAX_PAYLOAD_BYTES`), SCHEMA (not JSON, nothing at the pointer, not a finite number),
 * UNSUPPORTED (a format that this version of the edge does not read)
 */
export function parsePayload(payload: Uint8Array, format: Input['payload']): number {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `A message has at most ${MAX_PAYLOAD_BYTES} bytes; send less.`);
  }
  switch (format.format) {
    case 'number':
      return parseNumber(textOf(payload).trim());
    case 'json':
      return parseValue(valueAt(parseJson(textOf(payload)), format.pointer ?? ''));
    case 'text':
    case 'cbor':
      throw new DewproofError('UNSUPPORTED', `Messages in the format ${format.format} are not read; send json.`);
  }
}

function textOf(payload: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'The message is not UTF-8; send numbers or JSON as text.', { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DewproofError('SCHEMA', 'The message is not JSON; send what the input declares.', { cause });
  }
}

function parseNumber(text: string): number {
  return parseValue(NUMBER.test(text) ? Number(text) : undefined);
}

// `1e999` is JSON and becomes Infinity; -0 would come back from the store as 0.
function parseValue(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value;
  throw new DewproofError('SCHEMA', 'The message holds no finite number where the input expects one.');
}

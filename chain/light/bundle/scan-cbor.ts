import { DewproofError } from '../../../core/errors.ts';
import { MAX_CBOR_DEPTH, MAX_CBOR_ITEMS } from './limits.ts';

const UINT = 0;
const BYTES = 2;
const ARRAY = 4;
const NULL = 0xf6;

/**
 * Looks over CBOR (RFC 8949) without making anything of it: unsigned integers, byte strings, arrays and null alone, few
 * and not deep, nothing missing at the end and nothing after it. A decoder would go as deep as it is told to.
 * @throws SCHEMA, TOO_DEEP, ENDLESS_DATA
 */
export function scanCbor(bytes: Uint8Array): void {
  const open: number[] = [];
  let at = 0;
  for (let items = 1; ; items++) {
    if (items > MAX_CBOR_ITEMS) throw new DewproofError('ENDLESS_DATA', 'The bundle has too many parts.');
    const head = readHead(bytes, at);
    at = head.end;
    if (head.major === BYTES) at += head.argument;
    if (at > bytes.length) throw malformed('ends early');
    if (head.major === ARRAY && head.argument > 0) {
      if (open.length === MAX_CBOR_DEPTH) throw new DewproofError('TOO_DEEP', 'The bundle is nested too deeply.');
      open.push(head.argument);
      continue;
    }
    closeFinished(open);
    if (open.length === 0) break;
  }
  if (at !== bytes.length) throw malformed('has bytes after its end');
}

/** One item is complete; so are the arrays of which it was the last. */
function closeFinished(open: number[]): void {
  while (open.length > 0) {
    const left = (open.pop() ?? 0) - 1;
    if (left > 0) {
      open.push(left);
      return;
    }
  }
}

interface Head {
  readonly major: number;
  readonly argument: number;
  readonly end: number;
}

function readHead(bytes: Uint8Array, at: number): Head {
  const first = bytes[at];
  if (first === undefined) throw malformed('ends early');
  const major = first >> 5;
  if (first === NULL) return { major, argument: 0, end: at + 1 };
  if (major !== UINT && major !== BYTES && major !== ARRAY) throw malformed('holds what no bundle does');
  const info = first & 0x1f;
  if (info < 24) return { major, argument: info, end: at + 1 };
  const size = [1, 2, 4, 8][info - 24];
  if (size === undefined) throw malformed('has a part of no stated length');
  let argument = 0;
  for (let index = 1; index <= size; index++) argument = argument * 256 + (bytes[at + index] ?? 0);
  return { major, argument, end: at + 1 + size };
}

/** What is no bundle at all. */
export function malformed(what: string): DewproofError {
  return new DewproofError('SCHEMA', `The bundle ${what}; fetch another one.`);
}

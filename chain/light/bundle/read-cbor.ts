import { malformed } from './scan-cbor.ts';

/** Where reading stands in CBOR that `scanCbor` has looked over: moved on in place. */
export interface CborCursor {
  readonly bytes: Uint8Array;
  at: number;
}

const UINT = 0;
const BYTES = 2;
const ARRAY = 4;
const NULL = 0xf6;

/** How many elements the array has that begins here: at most `max`. @throws SCHEMA */
export function readArray(cursor: CborCursor, max: number): number {
  const count = readArgument(cursor, ARRAY);
  if (count > max) throw malformed('has too many parts');
  return count;
}

/** Tells whether an array begins here. */
export function isArrayNext({ bytes, at }: CborCursor): boolean {
  return (bytes[at] ?? 0) >> 5 === ARRAY;
}

/** An array of `read`'s items, at most `max` of them. @throws SCHEMA */
export function readItems<Item>(
  cursor: CborCursor,
  { max, read }: { readonly max: number; readonly read: (cursor: CborCursor) => Item },
): Item[] {
  const items: Item[] = [];
  for (let left = readArray(cursor, max); left > 0; left--) items.push(read(cursor));
  return items;
}

/** A byte string (a view, not a copy), of `length` where one is given. @throws SCHEMA */
export function readBytes(cursor: CborCursor, length?: number): Uint8Array {
  const found = readArgument(cursor, BYTES);
  if (length !== undefined && found !== length) throw malformed('has a part of another length');
  const start = cursor.at;
  cursor.at += found;
  return cursor.bytes.subarray(start, cursor.at);
}

/** An unsigned integer that a number holds exactly. @throws SCHEMA */
export function readSmall(cursor: CborCursor, { min, max }: { readonly min: number; readonly max: number }): number {
  const value = readArgument(cursor, UINT);
  if (value < min || value > max) throw malformed('has a number that is out of range');
  return value;
}

/** An unsigned integer of up to 64 bits. @throws SCHEMA */
export function readUint64(cursor: CborCursor): bigint {
  const { bytes, at } = cursor;
  if (bytes[at] !== 0x1b) return BigInt(readArgument(cursor, UINT));
  // Eight bytes are more than a number holds.
  const value = new DataView(bytes.buffer, bytes.byteOffset + at + 1, 8).getBigUint64(0);
  if (value <= 0xffffffffn) throw notShortest();
  cursor.at = at + 9;
  return value;
}

/** Reads null where it stands. */
export function readNull(cursor: CborCursor): boolean {
  if (cursor.bytes[cursor.at] !== NULL) return false;
  cursor.at += 1;
  return true;
}

/** The argument of an item's head (RFC 8949, section 3), which must be written in the fewest bytes that hold it. */
function readArgument(cursor: CborCursor, major: number): number {
  const { bytes, at } = cursor;
  const first = bytes[at] ?? 0;
  if (first >> 5 !== major) throw malformed('has not the parts of version 1');
  const info = first & 0x1f;
  if (info < 24) {
    cursor.at = at + 1;
    return info;
  }
  const size = 1 << (info - 24);
  let argument = 0;
  for (let index = 1; index <= size; index++) argument = argument * 256 + (bytes[at + index] ?? 0);
  if (argument < (size === 1 ? 24 : 256 ** (size / 2))) throw notShortest();
  cursor.at = at + 1 + size;
  return argument;
}

function notShortest(): Error {
  return malformed('is not in its one form');
}

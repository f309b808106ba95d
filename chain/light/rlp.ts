import type { DewproofError } from '../../core/errors.ts';
import { refuseProof } from './refuse.ts';

/** An RLP item: bytes, or a list of items (Ethereum Yellow Paper, appendix B). */
export type Rlp = Uint8Array | readonly Rlp[];

/** Deeper than a header or trie node ever is: an inline node in an inline node in a branch. */
const MAX_DEPTH = 16;

/** Decodes one item, whole and in its one canonical form. @throws PROOF_INVALID */
export function decodeRlp(bytes: Uint8Array): Rlp {
  const cursor = { bytes, at: 0 };
  const item = readItem(cursor, { end: bytes.length, depth: 0 });
  if (cursor.at !== bytes.length) throw refuseProof('rlp-trailing', 'bytes follow an RLP value');
  return item;
}

/** Encodes one item. */
export function encodeRlp(item: Rlp): Uint8Array {
  const bytes = new Uint8Array(encodedSize(item));
  writeItem(item, { bytes, at: 0 });
  return bytes;
}

/** The item as a list. @throws PROOF_INVALID */
export function rlpList(item: Rlp | undefined): readonly Rlp[] {
  if (item === undefined || isBytes(item)) throw refuseProof('rlp-list', 'an RLP list is missing');
  return item;
}

/** The item as bytes, of `length` where one is given. @throws PROOF_INVALID */
export function rlpBytes(item: Rlp | undefined, length?: number): Uint8Array {
  if (item === undefined || !isBytes(item)) throw refuseProof('rlp-bytes', 'an RLP string is missing');
  if (length !== undefined && item.length !== length) {
    throw refuseProof('rlp-length', `an RLP string has ${item.length} bytes, not ${length}`);
  }
  return item;
}

/** Encodes a list of items that are encoded already. */
export function encodeRlpList(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(prefixSize(length) + length);
  let at = writePrefix(length, { bytes, at: 0, base: 0xc0 });
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The item as the bytes of an integer without leading zeros, at most `maxBytes`. @throws PROOF_INVALID */
export function rlpIntegerBytes(item: Rlp | undefined, maxBytes: number): Uint8Array {
  const bytes = rlpBytes(item);
  if (bytes.length > maxBytes || bytes[0] === 0) throw refuseProof('rlp-integer', 'an RLP integer is not canonical');
  return bytes;
}

/** The item as an integer without leading zeros, of at most `maxBytes`. @throws PROOF_INVALID */
export function rlpInteger(item: Rlp | undefined, maxBytes: number): bigint {
  const bytes = rlpIntegerBytes(item, maxBytes);
  if (bytes.length > 6) return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return BigInt(value);
}

/** An integer as RLP writes it: big-endian, no leading zero, 0 as nothing. */
export function integerBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const hex = value.toString(16);
  return new Uint8Array(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

/** Tells bytes from a list. */
export function isBytes(item: Rlp): item is Uint8Array {
  return item instanceof Uint8Array;
}

/** Where reading stands: moved on in place, since a node's 17 items would cost as many objects again. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** What holds the item that is read: it ends there at the latest. */
interface Frame {
  readonly end: number;
  readonly depth: number;
}

function readItem(cursor: Cursor, frame: Frame): Rlp {
  const { bytes, at } = cursor;
  const first = at < frame.end ? bytes[at] : undefined;
  if (first === undefined) throw truncated();
  cursor.at = at + 1;
  if (first < 0x80) return bytes.subarray(at, at + 1);
  const isList = first >= 0xc0;
  const short = first - (isList ? 0xc0 : 0x80);
  const length = short <= 55 ? short : readLength(cursor, { size: short - 55, end: frame.end });
  const start = cursor.at;
  const end = start + length;
  if (end > frame.end) throw truncated();
  if (isList) return readItems(cursor, { end, depth: frame.depth + 1 });
  if (length === 1 && (bytes[start] ?? 0) < 0x80) throw refuseProof('rlp-canonical', 'an RLP byte is written as two');
  cursor.at = end;
  return bytes.subarray(start, end);
}

function readLength(cursor: Cursor, { size, end }: { readonly size: number; readonly end: number }): number {
  const { bytes, at } = cursor;
  // Four bytes of length would be 16 MiB and more; no bundle is that large.
  if (size > 3 || at + size > end) throw truncated();
  if (bytes[at] === 0) throw refuseProof('rlp-canonical', 'an RLP length has a leading zero');
  let length = 0;
  for (let index = at; index < at + size; index++) length = length * 256 + (bytes[index] ?? 0);
  if (length <= 55) throw refuseProof('rlp-canonical', 'an RLP length is written too long');
  cursor.at = at + size;
  return length;
}

function readItems(cursor: Cursor, frame: Frame): readonly Rlp[] {
  if (frame.depth > MAX_DEPTH) throw refuseProof('rlp-depth', 'RLP lists are nested too deeply');
  const items: Rlp[] = [];
  while (cursor.at < frame.end) items.push(readItem(cursor, frame));
  return items;
}

function truncated(): DewproofError {
  return refuseProof('rlp-truncated', 'an RLP value ends early');
}

interface Writer {
  readonly bytes: Uint8Array;
  readonly at: number;
}

function encodedSize(item: Rlp): number {
  const size = contentSize(item);
  return isSelf(item) ? 1 : size + prefixSize(size);
}

function prefixSize(length: number): number {
  return length <= 55 ? 1 : 1 + lengthSize(length);
}

/** How many bytes a length takes; four would be 16 MiB and more. */
function lengthSize(length: number): number {
  if (length < 256) return 1;
  return length < 65_536 ? 2 : 3;
}

function contentSize(item: Rlp): number {
  return isBytes(item) ? item.length : item.reduce((sum: number, inner) => sum + encodedSize(inner), 0);
}

/** A byte below 0x80 stands for itself. */
function isSelf(item: Rlp): boolean {
  return isBytes(item) && item.length === 1 && (item[0] ?? 0) < 0x80;
}

/** Writes an item and tells where it ends: in one pass, since a header is written anew for each of its hashes. */
function writeItem(item: Rlp, { bytes, at }: Writer): number {
  const start = isSelf(item) ? at : writePrefix(contentSize(item), { bytes, at, base: isBytes(item) ? 0x80 : 0xc0 });
  if (isBytes(item)) {
    bytes.set(item, start);
    return start + item.length;
  }
  let end = start;
  for (const inner of item) end = writeItem(inner, { bytes, at: end });
  return end;
}

function writePrefix(length: number, { bytes, at, base }: Writer & { readonly base: number }): number {
  if (length <= 55) {
    bytes[at] = base + length;
    return at + 1;
  }
  const size = lengthSize(length);
  bytes[at] = base + 55 + size;
  for (let index = 0; index < size; index++) bytes[at + 1 + index] = length >> (8 * (size - 1 - index));
  return at + 1 + size;
}

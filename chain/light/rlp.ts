import { refuseProof } from './refuse.ts';

/** An RLP item: bytes, or a list of items (Ethereum Yellow Paper, appendix B). */
export type Rlp = Uint8Array | readonly Rlp[];

/** Deeper than a header or trie node ever is: an inline node in an inline node in a branch. */
const MAX_DEPTH = 16;

/** Decodes one item, whole and in its one canonical form. @throws PROOF_INVALID */
export function decodeRlp(bytes: Uint8Array): Rlp {
  const { item, end } = readItem({ bytes, at: 0, depth: 0 });
  if (end !== bytes.length) throw refuseProof('rlp-trailing', 'bytes follow an RLP value');
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

/** The item as an integer without leading zeros, of at most `maxBytes`. @throws PROOF_INVALID */
export function rlpInteger(item: Rlp | undefined, maxBytes: number): bigint {
  const bytes = rlpBytes(item);
  if (bytes.length > maxBytes || bytes[0] === 0) throw refuseProof('rlp-integer', 'an RLP integer is not canonical');
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
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

interface Cursor {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly depth: number;
}

interface Read {
  readonly item: Rlp;
  readonly end: number;
}

function readItem({ bytes, at, depth }: Cursor): Read {
  const first = bytes[at];
  if (first === undefined) throw refuseProof('rlp-truncated', 'an RLP value ends early');
  if (first < 0x80) return { item: bytes.subarray(at, at + 1), end: at + 1 };
  const isList = first >= 0xc0;
  const short = first - (isList ? 0xc0 : 0x80);
  const { start, length } =
    short <= 55 ? { start: at + 1, length: short } : readLength(bytes, { at, size: short - 55 });
  const end = start + length;
  if (end > bytes.length) throw refuseProof('rlp-truncated', 'an RLP value ends early');
  if (isList) return { item: readItems({ bytes: bytes.subarray(start, end), at: 0, depth: depth + 1 }), end };
  if (length === 1 && (bytes[start] ?? 0) < 0x80) throw refuseProof('rlp-canonical', 'an RLP byte is written as two');
  return { item: bytes.subarray(start, end), end };
}

function readLength(bytes: Uint8Array, { at, size }: { at: number; size: number }): { start: number; length: number } {
  const start = at + 1 + size;
  // Four bytes of length would be 16 MiB and more; no bundle is that large.
  if (size > 3 || start > bytes.length) throw refuseProof('rlp-truncated', 'an RLP value ends early');
  if (bytes[at + 1] === 0) throw refuseProof('rlp-canonical', 'an RLP length has a leading zero');
  let length = 0;
  for (let index = at + 1; index < start; index++) length = length * 256 + (bytes[index] ?? 0);
  if (length <= 55) throw refuseProof('rlp-canonical', 'an RLP length is written too long');
  return { start, length };
}

function readItems({ bytes, depth }: Cursor): readonly Rlp[] {
  if (depth > MAX_DEPTH) throw refuseProof('rlp-depth', 'RLP lists are nested too deeply');
  const items: Rlp[] = [];
  for (let at = 0; at < bytes.length;) {
    const { item, end } = readItem({ bytes, at, depth });
    items.push(item);
    at = end;
  }
  return items;
}

interface Writer {
  readonly bytes: Uint8Array;
  readonly at: number;
}

function encodedSize(item: Rlp): number {
  const size = contentSize(item);
  return isSelf(item) ? 1 : size + (size <= 55 ? 1 : 1 + integerBytes(BigInt(size)).length);
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
  const size = integerBytes(BigInt(length));
  bytes[at] = base + 55 + size.length;
  bytes.set(size, at + 1);
  return at + 1 + size.length;
}

import { DewproofError } from '../../../core/errors.ts';
import { MAX_CHANGE_NODES, MAX_CHANGES, MAX_FACTS, MAX_NODES, MAX_PROOF_BYTES } from './limits.ts';
import type { DeviceClaim, GrantClaim, HeadClaim, MemberClaim, ProofBundle, SetChange } from './proof-bundle.ts';
import {
  isArrayNext,
  readArray,
  readBytes,
  readItems,
  readNull,
  readSmall,
  readUint64,
  type CborCursor,
} from './read-cbor.ts';
import { malformed, scanCbor } from './scan-cbor.ts';

/** Parts of version 1: the version, changes, header, note, heads, devices, grants, members, nodes. */
const PARTS = 9;
/** A number of a Solidity enum; 0 is "none" in all of ours. */
const enumNumber = { min: 1, max: 255 };

/**
 * Decodes a bundle: its size first, then its frame, then its parts, each in the one form in which it may be written, so
 * that no two byte strings are the same bundle. By hand and not by a schema: a schema, a general decoder and encoding it
 * again to compare cost a fifth of a whole check. What it gives are views of `bytes`. Nothing of it is verified.
 * @throws SCHEMA, TOO_DEEP, ENDLESS_DATA
 */
export function decodeBundle(bytes: Uint8Array): ProofBundle {
  if (bytes.length > MAX_PROOF_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `A proof bundle has at most ${MAX_PROOF_BYTES} bytes; fetch another one.`);
  }
  scanCbor(bytes);
  const cursor = { bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), at: 0 };
  if (readArray(cursor, PARTS) !== PARTS) throw malformed('has not the parts of version 1');
  readSmall(cursor, { min: 1, max: 1 });
  const changes = readItems(cursor, { max: MAX_CHANGES, read: readChange });
  const header = readBytes(cursor);
  const note = readNull(cursor) ? undefined : readBytes(cursor);
  const heads = readItems(cursor, { max: MAX_FACTS, read: readHead });
  const devices = readItems(cursor, { max: MAX_FACTS, read: readDevice });
  const grants = readItems(cursor, { max: MAX_FACTS, read: readGrant });
  const members = readItems(cursor, { max: MAX_FACTS, read: readMember });
  const nodes = readItems(cursor, { max: MAX_NODES, read: readAnyBytes });
  return { changes, header, note, heads, devices, grants, members, nodes };
}

function readAnyBytes(cursor: CborCursor): Uint8Array {
  return readBytes(cursor);
}

function readChange(cursor: CborCursor): SetChange {
  if (!isArrayNext(cursor)) return readBytes(cursor);
  const [header, ...nodes] = readItems(cursor, { max: 1 + MAX_CHANGE_NODES, read: readAnyBytes });
  if (!header || nodes.length === 0) throw malformed('has a change of no known shape');
  return [header, ...nodes];
}

/** Whether a claim of `length` elements is made here, or one of its key alone. */
function isWhole(cursor: CborCursor, length: number): boolean {
  const found = readArray(cursor, length);
  if (found !== length && found !== 1) throw malformed('has a fact of no known shape');
  return found === length;
}

function readHead(cursor: CborCursor): HeadClaim {
  const isPresent = isWhole(cursor, 5);
  const resource = readBytes(cursor, 32);
  if (!isPresent) return { resource, head: undefined };
  const version = readUint64(cursor);
  const digest = readBytes(cursor, 32);
  const group = readBytes(cursor, 32);
  return { resource, head: { version, digest, group, status: readSmall(cursor, enumNumber) } };
}

function readDevice(cursor: CborCursor): DeviceClaim {
  const isPresent = isWhole(cursor, 5);
  const account = readBytes(cursor, 20);
  if (!isPresent) return { account, device: undefined };
  const kind = readSmall(cursor, enumNumber);
  const group = readBytes(cursor, 32);
  const status = readSmall(cursor, enumNumber);
  return { account, device: { kind, group, status, profile: readBytes(cursor, 32) } };
}

function readGrant(cursor: CborCursor): GrantClaim {
  readPair(cursor);
  return { resource: readBytes(cursor, 32), subject: readBytes(cursor, 32) };
}

function readMember(cursor: CborCursor): MemberClaim {
  readPair(cursor);
  return { role: readBytes(cursor, 32), account: readBytes(cursor, 20) };
}

function readPair(cursor: CborCursor): void {
  if (readArray(cursor, 2) !== 2) throw malformed('has a fact of no known shape');
}

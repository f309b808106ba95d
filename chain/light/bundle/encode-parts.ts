import { encode } from 'cborg';
import type { DeviceClaim, HeadClaim, ProofBundle } from './proof-bundle.ts';

const BUNDLE_PARTS = 9;
const ARRAY = 0x80;

/** A bundle's beginning: what vouches for its block. */
export function encodeVouchers({
  changes,
  header,
  note,
}: Pick<ProofBundle, 'changes' | 'header' | 'note'>): Uint8Array {
  return Buffer.concat([arrayHead(BUNDLE_PARTS), encode(1), encode(changes), encode(header), encode(note ?? null)]);
}

/** A bundle's middle: what it claims. */
export function encodeFacts({
  heads,
  devices,
  grants,
  members,
}: Pick<ProofBundle, 'heads' | 'devices' | 'grants' | 'members'>): Uint8Array {
  return Buffer.concat([
    encode(heads.map(headItem)),
    encode(devices.map(deviceItem)),
    encode(grants.map(({ resource, subject }) => [resource, subject])),
    encode(members.map(({ role, account }) => [role, account])),
  ]);
}

/** A bundle's end, its nodes: `more` of them follow those given, as `encodeMoreNodes` writes them. */
export function encodeNodes(nodes: readonly Uint8Array[], { more = 0 } = {}): Uint8Array {
  return Buffer.concat([arrayHead(nodes.length + more), encodeMoreNodes(nodes)]);
}

/** Nodes that follow others. */
export function encodeMoreNodes(nodes: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(nodes.map((node) => encode(node)));
}

/** An array's first bytes; its items follow. */
function arrayHead(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(ARRAY | length);
  if (length < 0x100) return Uint8Array.of(ARRAY | 24, length);
  if (length < 0x10000) return Uint8Array.of(ARRAY | 25, length >> 8, length & 0xff);
  return Uint8Array.of(ARRAY | 26, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
}

function headItem({ resource, head }: HeadClaim): readonly unknown[] {
  return head ? [resource, head.version, head.digest, head.group, head.status] : [resource];
}

function deviceItem({ account, device }: DeviceClaim): readonly unknown[] {
  return device ? [account, device.kind, device.group, device.status, device.profile] : [account];
}

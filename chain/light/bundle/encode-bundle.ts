import { encode } from 'cborg';
import type { DeviceClaim, HeadClaim, ProofBundle } from './proof-bundle.ts';

/** Writes a bundle in its one form: arrays, byte strings and shortest integers in CBOR (RFC 8949, section 4.2). */
export function encodeBundle(bundle: ProofBundle): Uint8Array {
  return encode([
    1,
    bundle.changes,
    bundle.header,
    bundle.note ?? null,
    bundle.heads.map(headItem),
    bundle.devices.map(deviceItem),
    bundle.grants.map(({ resource, subject }) => [resource, subject]),
    bundle.members.map(({ role, account }) => [role, account]),
    bundle.nodes,
  ]);
}

function headItem({ resource, head }: HeadClaim): readonly unknown[] {
  return head ? [resource, head.version, head.digest, head.group, head.status] : [resource];
}

function deviceItem({ account, device }: DeviceClaim): readonly unknown[] {
  return device ? [account, device.kind, device.group, device.status, device.profile] : [account];
}

import { deviceKinds, deviceStatuses } from '../../../core/ledger/records.ts';
import type { DeviceClaim, HeadClaim } from '../bundle/proof-bundle.ts';

/** A head's statuses, in the order of their numbers (from 1) on the ledger. */
export const headStatuses = ['active', 'revoked'] as const;

/** What a head's hash is of: `abi.encode(version, digest, group, status)` in Configurations.sol. */
export function headPreimage({ version, digest, group, status }: NonNullable<HeadClaim['head']>): Uint8Array {
  return words([uint64(version), digest, group, Uint8Array.of(status)]);
}

/** What a device's head is the hash of: `abi.encode(kind, group, status, profile)` in Devices.sol. */
export function devicePreimage({ kind, group, status, profile }: NonNullable<DeviceClaim['device']>): Uint8Array {
  return words([Uint8Array.of(kind), group, Uint8Array.of(status), profile]);
}

/** The number that stands on the ledger for a kind or status. */
export function numberOf<Value extends string>(value: Value, { among }: { among: readonly Value[] }): number {
  return among.indexOf(value) + 1;
}

/** Which lists the numbers of the ledger's enums stand in. */
export const ledgerEnums = { kinds: deviceKinds, statuses: deviceStatuses, headStatuses } as const;

function words(values: readonly Uint8Array[]): Uint8Array {
  const encoded = new Uint8Array(32 * values.length);
  let end = 0;
  for (const value of values) encoded.set(value, (end += 32) - value.length);
  return encoded;
}

function uint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

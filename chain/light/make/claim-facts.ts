import type { Account } from '../../../core/account.ts';
import { digestToBytes32, type Digest } from '../../../core/digest.ts';
import type { ResourceId } from '../../../core/ids.ts';
import type { LedgerState } from '../../../core/ledger/state.ts';
import type { DeviceClaim, HeadClaim } from '../bundle/proof-bundle.ts';
import { ledgerEnums, numberOf } from '../facts/preimages.ts';
import { fromHex } from '../hex.ts';

/** What `state` says of a resource, as a bundle claims it; absent where it says nothing. */
export function claimHead(resource: ResourceId, { heads }: Pick<LedgerState, 'heads'>): HeadClaim {
  const head = heads.get(resource);
  return {
    resource: fromHex(resource),
    head: head && {
      version: head.version,
      digest: digestBytes(head.digest),
      group: fromHex(head.group),
      status: numberOf(head.status, { among: ledgerEnums.headStatuses }),
    },
  };
}

/** What `state` says of an account as a device, as a bundle claims it; absent where it says nothing. */
export function claimDevice(account: Account, { devices }: Pick<LedgerState, 'devices'>): DeviceClaim {
  const device = devices.get(account);
  return {
    account: fromHex(account),
    device: device && {
      kind: numberOf(device.kind, { among: ledgerEnums.kinds }),
      group: fromHex(device.group),
      status: numberOf(device.status, { among: ledgerEnums.statuses }),
      profile: device.profile ? digestBytes(device.profile) : new Uint8Array(32),
    },
  };
}

function digestBytes(digest: Digest): Uint8Array {
  return fromHex(digestToBytes32(digest));
}

import type { Account } from '../../../core/account.ts';
import { digestToBytes32, type Digest } from '../../../core/digest.ts';
import { ANYONE, ANY_RESOURCE, type GroupId, type ResourceId } from '../../../core/ids.ts';
import { sliceState } from '../../../core/ledger/slice.ts';
import type { LedgerState } from '../../../core/ledger/state.ts';
import type { DeviceClaim, HeadClaim } from '../bundle/proof-bundle.ts';
import { ledgerEnums, numberOf } from '../facts/preimages.ts';
import { fromHex } from '../hex.ts';
import type { Claims } from './build-bundle.ts';

/**
 * What a device is to be told of a tenant's state: itself and its group's other devices, its group's heads, all grants
 * on those and on every resource, the members of the roles that they name; of each resource also whether anyone at all
 * is let in, so that "nobody is" is proved and not merely unsaid. `resources` adds some that may be absent.
 */
export function chooseClaims(
  state: LedgerState,
  {
    account,
    group,
    resources = [],
  }: { readonly account: Account; readonly group: GroupId; readonly resources?: readonly ResourceId[] },
): Claims {
  const { heads, devices, grants, members } = sliceState(state, { account, group });
  const named = new Set([...heads.keys(), ...resources]);
  const pairs = [...named, ANY_RESOURCE].flatMap((resource) =>
    [...new Set([ANYONE, ...(grants.get(resource)?.keys() ?? [])])].map((subject) => ({ resource, subject })),
  );
  const subjects = new Set(pairs.map(({ subject }) => subject));
  const roles = [...members].filter(([role]) => subjects.has(role));
  return {
    heads: [...named].map((resource) => headClaim(resource, state)),
    devices: [...new Set([account, ...devices.keys()])].map((one) => deviceClaim(one, state)),
    grants: pairs.map(({ resource, subject }) => ({ resource: fromHex(resource), subject: fromHex(subject) })),
    members: roles.flatMap(([role, accounts]) =>
      [...accounts.keys()].map((member) => ({ role: fromHex(role), account: fromHex(member) })),
    ),
  };
}

function headClaim(resource: ResourceId, { heads }: LedgerState): HeadClaim {
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

function deviceClaim(account: Account, { devices }: LedgerState): DeviceClaim {
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

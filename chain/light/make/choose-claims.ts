import type { Account } from '../../../core/account.ts';
import { ANYONE, ANY_RESOURCE, type GroupId, type ResourceId } from '../../../core/ids.ts';
import { sliceState } from '../../../core/ledger/slice.ts';
import type { LedgerState } from '../../../core/ledger/state.ts';
import { fromHex } from '../hex.ts';
import type { Claims } from './build-bundle.ts';
import { claimDevice, claimHead } from './claim-facts.ts';

/** No account: what nobody has the key of. */
const NOBODY = `0x${'00'.repeat(20)}` as const;

/**
 * What a device is to be told of a tenant's state: itself and its group's other devices, its group's heads, all grants
 * on those and on every resource, the members of the roles that they name; of each resource also whether anyone at all
 * is let in, so that "nobody is" is proved and not merely unsaid. `resources` adds some that may be absent. Without
 * `account` it is what all devices of the group are to be told.
 */
export function chooseClaims(
  state: LedgerState,
  {
    account,
    group,
    resources = [],
  }: { readonly account?: Account; readonly group: GroupId; readonly resources?: readonly ResourceId[] },
): Claims {
  const { heads, devices, grants, members } = sliceState(state, { account: account ?? NOBODY, group });
  const named = new Set([...heads.keys(), ...resources]);
  const pairs = [...named, ANY_RESOURCE].flatMap((resource) =>
    [...new Set([ANYONE, ...(grants.get(resource)?.keys() ?? [])])].map((subject) => ({ resource, subject })),
  );
  const subjects = new Set(pairs.map(({ subject }) => subject));
  const roles = [...members].filter(([role]) => subjects.has(role));
  const accounts = new Set([...(account === undefined ? [] : [account]), ...devices.keys()]);
  return {
    heads: [...named].map((resource) => claimHead(resource, state)),
    devices: [...accounts].map((one) => claimDevice(one, state)),
    grants: pairs.map(({ resource, subject }) => ({ resource: fromHex(resource), subject: fromHex(subject) })),
    members: roles.flatMap(([role, holders]) =>
      [...holders.keys()].map((member) => ({ role: fromHex(role), account: fromHex(member) })),
    ),
  };
}

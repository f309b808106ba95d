import type { Account } from '../../core/account.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { groupIdOf, resourceIdOf, type GroupId, type Name } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { PublicKey } from '../../core/secrets/secret-vault.ts';
import { verifyPublicKey } from '../../platform/secrets/public-key.ts';
import type { SecretsDew } from '../dew/secrets-dew.ts';
import { warn } from '../output/messages.ts';

/** A device that a value can be sealed to. */
export interface Recipient {
  readonly recipient: Account;
  readonly publicKey: PublicKey;
}

/**
 * The group whose devices may have a resource's secrets: the active version's. A proposal counts for nothing here, or
 * else whoever may only propose could have secrets sealed to devices of its choice.
 * @throws USAGE (nothing is active and no group named, or another one), REVOKED
 */
export function groupOfSecrets(
  { tenant, resource, group }: { readonly tenant: Name; readonly resource: Name; readonly group: Name | undefined },
  state: LedgerState,
): GroupId {
  const named = group === undefined ? undefined : groupIdOf({ tenant, name: group });
  const head = state.heads.get(resourceIdOf({ tenant, name: resource }));
  if (head?.status === 'active') {
    if (named === undefined || named === head.group) return head.group;
    throw new DewproofError('USAGE', `${resource} is active for another group than ${group ?? ''}; leave --group out.`);
  }
  if (named !== undefined) return named;
  throw new DewproofError('USAGE', `No version of ${resource} is active yet; say with --group for whom it is to be.`);
}

/** A group's active edges: those that a value can be sealed to, and those whose key no dew knows. */
export async function findRecipients(
  group: GroupId,
  { state, dews }: { readonly state: LedgerState; readonly dews: readonly SecretsDew[] },
): Promise<{ readonly recipients: readonly Recipient[]; readonly keyless: readonly Account[] }> {
  const edges = [...state.devices.values()].filter(
    (device) => device.group === group && device.kind === 'edge' && device.status === 'active',
  );
  const recipients: Recipient[] = [];
  const keyless: Account[] = [];
  for (const { account } of edges) {
    const publicKey = await keyOf(account, dews);
    if (publicKey === undefined) keyless.push(account);
    else recipients.push({ recipient: account, publicKey });
  }
  return { recipients, keyless };
}

/** The first key that is the account's; a dew that passes on another's is warned of. */
async function keyOf(account: Account, dews: readonly SecretsDew[]): Promise<PublicKey | undefined> {
  for (const dew of dews) {
    try {
      const publicKey = await dew.keyOf(account);
      if (publicKey === undefined) continue;
      verifyPublicKey(publicKey, { account });
      return publicKey;
    } catch (error) {
      if (!hasCode(error)) throw error;
      warn(`${dew.url}: ${error.message}`);
    }
  }
  return undefined;
}

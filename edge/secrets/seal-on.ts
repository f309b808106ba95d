import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf } from '../../core/ids.ts';
import { statementOf, type SecretNames } from '../../core/secrets/secret-record.ts';
import type { SecretVault } from '../../core/secrets/secret-vault.ts';
import type { StateFacts } from '../../core/state/verified-state.ts';
import type { WantedCopy } from '../../core/wire/secrets.ts';
import { openCopy } from '../../platform/secrets/open-copy.ts';
import { sealCopy } from '../../platform/secrets/seal-copy.ts';
import type { Secrets } from './secrets.ts';
import type { SecretsClient } from './secrets-client.ts';

/** Who seals on, by which state's word. */
export interface SealOnDeps {
  readonly account: Account;
  readonly vault: SecretVault;
  readonly secrets: Pick<Secrets, 'accepted' | 'obtain'>;
  readonly state: StateFacts;
}

/**
 * Seals a secret that this device has to another device of its group, because a dew says that it lacks it. The dew is
 * not believed: the ledger says whom, and the account says with which key.
 * @throws FORBIDDEN (the ledger does not let that device have it), WRONG_DEVICE (the key is another's), ROLLBACK (the
 * dew is behind), and what `obtain` and the client do
 */
export async function sealOn(
  wanted: WantedCopy,
  { deps, dew }: { deps: SealOnDeps; dew: SecretsClient },
): Promise<void> {
  verifyRecipient(wanted, deps);
  const accepted = await newestOf(wanted, { deps, dew });
  const { record, envelope } = accepted;
  if (envelope === null || record.version !== wanted.version) {
    throw new DewproofError('ROLLBACK', `A dew wants ${wanted.name} version ${wanted.version}; it is not the newest.`);
  }
  const publicKey = await dew.keyOf(wanted.recipient);
  const content = await openCopy({ record, envelope }, deps);
  const copy = sealCopy({ statement: statementOf(record), content }, { recipient: wanted.recipient, publicKey });
  await dew.upload({ record, copies: [copy] });
}

/**
 * Verifies by this device's own state that another may have a secret: an active edge of this device's group, for which
 * the resource is active now. @throws FORBIDDEN
 */
export function verifyRecipient(
  { recipient, ...names }: SecretNames & { readonly recipient: Account },
  { account, state }: Pick<SealOnDeps, 'account' | 'state'>,
): void {
  const own = state.device(account);
  const other = state.device(recipient);
  const record = state.record(resourceIdOf({ tenant: names.tenant, name: names.resource }));
  const isForGroup = own?.status === 'active' && record?.status === 'active' && record.group === own.group;
  if (isForGroup && other?.kind === 'edge' && other.status === 'active' && other.group === own.group) return;
  throw new DewproofError('FORBIDDEN', `The ledger does not let ${recipient} have ${names.resource}/${names.name}.`);
}

async function newestOf(wanted: WantedCopy, { deps, dew }: { deps: SealOnDeps; dew: SecretsClient }) {
  const accepted = deps.secrets.accepted(wanted);
  const isBehind = accepted === undefined || accepted.record.version < wanted.version;
  return isBehind ? deps.secrets.obtain(wanted, dew) : accepted;
}

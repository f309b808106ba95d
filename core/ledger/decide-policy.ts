import { DewproofError } from '../errors.ts';
import { actionBits, actionsOfBits } from '../policy.ts';
import type { LedgerCommand } from './commands.ts';
import type { LedgerChange } from './events.ts';
import type { LedgerState } from './state.ts';

type Command<Type extends LedgerCommand['type']> = Extract<LedgerCommand, { type: Type }>;

/** What giving a grant changes; `now` in Unix seconds. @throws INVALID_GRANT (over before it began) */
export function decideGrant(command: Command<'set-grant'>, now: bigint): LedgerChange[] {
  verifyAhead(command, now);
  const { resource, subject, offline, expiresAt } = command;
  const actions = actionsOfBits(actionBits(command.actions));
  return [{ type: 'grant-set', resource, subject, actions, offline, expiresAt }];
}

/** What taking a grant away changes, expired or not. @throws NO_GRANT */
export function decideGrantRevocation(
  state: LedgerState,
  { resource, subject }: Command<'revoke-grant'>,
): LedgerChange[] {
  if (state.grants.get(resource)?.has(subject)) return [{ type: 'grant-revoked', resource, subject }];
  throw new DewproofError('NO_GRANT', 'There is no such grant; check the resource and the subject.');
}

/** What making an account a role's member changes; `now` in Unix seconds. @throws INVALID_GRANT */
export function decideMember(command: Command<'set-member'>, now: bigint): LedgerChange[] {
  verifyAhead(command, now);
  const { role, account, expiresAt } = command;
  return [{ type: 'member-set', role, account, expiresAt }];
}

/** What ending a membership changes, expired or not. @throws NO_MEMBER */
export function decideMemberRemoval(state: LedgerState, { role, account }: Command<'remove-member'>): LedgerChange[] {
  if (state.members.get(role)?.has(account)) return [{ type: 'member-removed', role, account }];
  throw new DewproofError('NO_MEMBER', `${account} is no member of that role; check the role's name.`);
}

function verifyAhead({ expiresAt }: { expiresAt: bigint }, now: bigint): void {
  if (expiresAt > now) return;
  throw new DewproofError('INVALID_GRANT', 'It would have ended before it began; give a time to come.');
}

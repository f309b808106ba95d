import type { Account } from '../core/account.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { VerifiedState } from '../core/state/verified-state.ts';

/** Where a device is in its life. */
export type AgentState =
  /** It reads what it remembers and starts what that proves; no network is asked. */
  | { readonly phase: 'restoring' }
  /** It believes nothing yet, so nothing runs; `code` is why what it remembered was refused. */
  | { readonly phase: 'waiting'; readonly code: ErrorCode | undefined }
  /** It runs what is approved and assigned, and follows the ledger and the dew. */
  | { readonly phase: 'following' }
  /** The ledger does not let it work: nothing runs, its data is kept. */
  | { readonly phase: 'halted'; readonly code: 'SUSPENDED' | 'NOT_ENROLLED' }
  | { readonly phase: 'stopped' };

/** The state that follows from what the device believes now. */
export function nextAgentState(
  newest: VerifiedState | undefined,
  { account, before }: { readonly account: Account; readonly before: AgentState },
): AgentState {
  if (newest === undefined || before.phase === 'stopped') return before;
  if (newest.tellsOf?.({ kind: 'device', account }) === false) return { phase: 'waiting', code: 'NOT_PROVED' };
  const device = newest.device(account);
  if (device === undefined) return { phase: 'halted', code: 'NOT_ENROLLED' };
  return device.status === 'active' ? { phase: 'following' } : { phase: 'halted', code: 'SUSPENDED' };
}

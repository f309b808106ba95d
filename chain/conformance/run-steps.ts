import { expect } from 'vitest';
import type { Account } from '../../core/account.ts';
import { hasCode, type ErrorCode } from '../../core/errors.ts';
import { decideCommand } from '../../core/ledger/decide.ts';
import type { LedgerChange } from '../../core/ledger/events.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { reduceBatch } from '../../core/ledger/reduce.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';
import type { Step } from './command-arbitrary.ts';
import { changeOf, readBatchesOf } from './read-ledger.ts';
import type { Actor, TestTenant } from './test-tenant.ts';

/**
 * Runs random commands and holds the ledger against the rules of core: each is refused with the code that
 * `decideCommand` gives, or taken up with its changes. Answers the state that the ledger's own events reduce to.
 */
export async function runSteps(tenant: TestTenant, steps: readonly Step[]): Promise<LedgerState> {
  const ledgers = new Map<Actor, Ledger>();
  const reader = await tenant.openLedger();
  let state = (await readBatchesOf(reader)).reduce(reduceBatch, emptyLedgerState);
  try {
    for (const { actor, command } of steps) {
      const ledger = ledgers.get(actor) ?? (await tenant.openLedger(actor));
      ledgers.set(actor, ledger);
      const expected = decide(state, { actor: tenant.accounts[actor], command });
      const code = await ledger.submit(command).then(() => undefined, codeOf);
      const batches = await readBatchesOf(reader, state.block);
      const changes = batches.flatMap(({ events }) => events.map(changeOf));
      expect({ actor, command, code, changes }).toEqual({ actor, command, ...expected });
      state = batches.reduce(reduceBatch, state);
    }
    return state;
  } finally {
    for (const ledger of [reader, ...ledgers.values()]) await ledger.close();
  }
}

function decide(
  state: LedgerState,
  { actor, command }: { readonly actor: Account; readonly command: Step['command'] },
): { readonly code: ErrorCode | undefined; readonly changes: readonly LedgerChange[] } {
  try {
    return { code: undefined, changes: decideCommand(state, { actor, command, now: state.block?.time ?? 0n }) };
  } catch (error) {
    return { code: codeOf(error), changes: [] };
  }
}

function codeOf(error: unknown): ErrorCode {
  if (hasCode(error)) return error.code;
  throw error;
}

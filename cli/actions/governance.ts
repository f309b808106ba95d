import { openEvmGovernance, type Governance } from '../../chain/evm/evm-governance.ts';
import type { GovernanceChange } from '../../chain/evm/governance-change.ts';
import { verifyMembers } from '../../chain/evm/plan-governance.ts';
import type { ScheduledOperation } from '../../chain/evm/read-operations.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { CancelOptions } from '../commands/governance-cancel.ts';
import type { ScheduleOptions, WantedChange } from '../commands/governance-schedule.ts';
import { confirm } from '../home/confirm.ts';
import { askNode } from '../ledger/ask-node.ts';
import { readState } from '../ledger/read-state.ts';
import type { GlobalOptions } from '../options.ts';
import { progress } from '../output/messages.ts';
import { printRecord, printRows } from '../output/print.ts';
import { operationColumns, operationRow } from '../rows/operation-rows.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { openSession, openSessionAccount, withLedger } from '../session.ts';

/** Prints what waits. @throws LEDGER_UNAVAILABLE, WRONG_CHAIN */
export async function listOperations(options: GlobalOptions): Promise<void> {
  const { anchor, home } = await openSession(options);
  await use(openEvmGovernance({ anchor: askNode(anchor, home.config) }), async (governance) => {
    const rows = (await governance.list()).map(operationRow);
    await printRows({ rows, columns: operationColumns, format: options.output });
  });
}

/** Schedules a change as the home's account, or makes it at once with `--now`. @throws NOT_PERMITTED, CONFIG */
export async function scheduleChange(wanted: WantedChange, options: ScheduleOptions): Promise<void> {
  // What the change would leave is read from the ledger; AccessManager itself would let an admin lock everybody out.
  await withLedger(options, async ({ ledger }) => {
    verifyGoverned(wanted, await readState(ledger));
  });
  await asAccount(options, async (governance) => {
    const change = await completed(wanted, governance);
    progress('waiting for a block with the transaction');
    if (options.now) {
      const fields = submittedFields(await governance.carryOut(change));
      await printRecord({ state: 'executed', ...change, ...fields }, options.output);
      return;
    }
    const { submitted, operations } = await governance.schedule(change);
    const waiting = (await governance.list()).filter(({ id }) => operations.includes(id));
    const fields = submittedFields(submitted);
    await printRecord({ operations: waiting.map(operationRow), ...fields }, options.output);
  });
}

/** Executes what waits. @throws NOT_FOUND, CONFLICT (an ambiguous id), NOT_PERMITTED */
export async function executeOperations(prefixes: readonly string[], options: GlobalOptions): Promise<void> {
  await settle({ prefixes, state: 'executed' }, options);
}

/** Cancels what waits, having asked. @throws USAGE, NOT_FOUND, CONFLICT (an ambiguous id), NOT_PERMITTED */
export async function cancelOperations(prefixes: readonly string[], options: CancelOptions): Promise<void> {
  await settle({ prefixes, state: 'cancelled' }, options);
}

async function settle(
  { prefixes, state }: { readonly prefixes: readonly string[]; readonly state: 'executed' | 'cancelled' },
  options: CancelOptions,
): Promise<void> {
  await asAccount(options, async (governance) => {
    const pending = await governance.list();
    const chosen = prefixes.map((prefix) => chooseOperation(prefix, pending));
    if (state === 'cancelled') await confirmCancel(chosen, options);
    const ids = chosen.map(({ id }): Bytes32 => id);
    progress('waiting for a block with the transaction');
    const submitted = await (state === 'executed' ? governance.execute(ids) : governance.cancel(ids));
    const operations = chosen.map(({ id, words, caller }) => ({ id, what: words, by: caller, state }));
    await printRecord({ operations, ...submittedFields(submitted) }, options.output);
  });
}

async function confirmCancel(chosen: readonly ScheduledOperation[], options: CancelOptions): Promise<void> {
  const words = chosen.map((one) => one.words).join('; ');
  await confirm(`Cancel for good (${words})?`, { assumeYes: options.yes ?? false });
}

/** The one operation that a beginning of an id means. @throws NOT_FOUND, CONFLICT */
export function chooseOperation<Operation extends Pick<ScheduledOperation, 'id'>>(
  prefix: string,
  pending: readonly Operation[],
): Operation {
  const [found, ...others] = pending.filter(({ id }) => id.startsWith(prefix));
  if (found === undefined) {
    throw new DewproofError(
      'NOT_FOUND',
      `Nothing whose id begins with ${prefix} waits; see \`dewproof governance list\`.`,
    );
  }
  if (others.length === 0) return found;
  throw new DewproofError('CONFLICT', `${others.length + 1} ids begin with ${prefix}; give more of it.`);
}

/** Refuses what would leave nobody to change anything, or nobody to stop an admin. @throws CONFIG */
export function verifyGoverned(change: WantedChange, { governance }: Pick<LedgerState, 'governance'>): void {
  if (change.type === 'set-approval-threshold') return;
  const { role, account } = change;
  const members = [...governance]
    .flatMap(([of, accounts]) => [...accounts.keys()].map((member) => ({ role: of, account: member })))
    .filter((member) => member.role !== role || member.account !== account);
  if (change.type === 'grant-role') members.push({ role, account });
  verifyMembers({ members, adminDelaySeconds: 0 });
}

/** @throws CONFIG (an admin who would wait less than the one who appoints it), NOT_PERMITTED */
async function completed(wanted: WantedChange, governance: Governance): Promise<GovernanceChange> {
  if (wanted.type !== 'grant-role') return wanted;
  if (wanted.role !== 'admin') return { ...wanted, executionDelaySeconds: wanted.executionDelaySeconds ?? 0 };
  const least = await governance.adminDelay();
  if (least === undefined) {
    throw new DewproofError('NOT_PERMITTED', 'Only an admin schedules changes of the governance; ask one.');
  }
  const { executionDelaySeconds = least } = wanted;
  if (executionDelaySeconds >= least) return { ...wanted, executionDelaySeconds };
  throw new DewproofError('CONFIG', `An admin waits at least as long as the one who appoints it: ${least} s.`);
}

async function asAccount(options: GlobalOptions, act: (governance: Governance) => Promise<void>): Promise<void> {
  const session = await openSession(options);
  const signer = await openSessionAccount(session, options);
  await use(openEvmGovernance({ anchor: askNode(session.anchor, session.home.config), signer }), act);
}

async function use(governance: Governance, act: (governance: Governance) => Promise<void>): Promise<void> {
  try {
    await act(governance);
  } finally {
    governance.close();
  }
}

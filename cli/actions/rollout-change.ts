import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf, type Name } from '../../core/ids.ts';
import { isSame } from '../../core/rollout/decide-rollout.ts';
import type { RolloutOrder, RolloutPhase } from '../../core/rollout/order.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { RolloutOptions } from '../commands/rollout.ts';
import { dewsOf } from '../dew/session-dews.ts';
import { confirm } from '../home/confirm.ts';
import { readState } from '../ledger/read-state.ts';
import { say } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';
import { handOrder } from '../rollout/hand-order.ts';
import { nextSerial } from '../rollout/plan-order.ts';
import { readRollout } from '../rollout/read-rollout.ts';
import { verifyManager } from '../policy/verify-manager.ts';
import { withAccount } from '../session.ts';

/**
 * Takes a rollout to another phase: an order of this account's own, in place of the newest one that the dews have.
 * What brings devices back asks first.
 * @throws USAGE, NOT_FOUND, CONFLICT (the ledger has another version by now, or it is promoted), FORBIDDEN, the dews' codes
 */
export async function changeRollout(
  { name, phase }: { readonly name: Name; readonly phase: RolloutPhase },
  options: RolloutOptions,
): Promise<void> {
  await withAccount(options, async (session) => {
    const { tenant } = session.anchor;
    const author = session.account.account;
    const state = await readState(session.ledger);
    verifyManager({ tenant, name, account: author, state, what: 'rollout orders' });
    const dews = dewsOf(session);
    const [newest] = await readRollout({ tenant, name }, { dews });
    if (newest === undefined) throw new DewproofError('NOT_FOUND', `No dew has a rollout of ${name}.`);
    const before = newest.report.signed.order;
    verifyOpen(before, { state, phase });
    if (phase === 'aborted') await confirmAbort(before, options);
    // What a dew answered is believed only where it is of this very ledger: the order is signed anew.
    const { chain, genesis, registry } = session.anchor;
    const order: RolloutOrder = {
      ...before,
      ledger: { chain, genesis, registry },
      errorThreshold: Math.min(options.errorThreshold ?? before.errorThreshold, before.canaries.length),
      phase,
      serial: nextSerial(before, { now: Date.now() }),
      author,
    };
    const taken = await handOrder(order, { dews, account: session.account });
    const { serial, from, to } = order;
    const about = { resource: name, phase, from: from.version, to: to.version, serial, dews: taken };
    await printRecord(about, options.output);
    if (phase === 'aborted') sayHowToEnd(order);
  });
}

function verifyOpen(order: RolloutOrder, { state, phase }: { state: LedgerState; phase: RolloutPhase }): void {
  const { name, from, to } = order;
  const head = state.heads.get(resourceIdOf(order));
  const isPending = isSame(from, head);
  if (!isPending && !isSame(to, head)) {
    const now = head === undefined ? 'none' : `version ${head.version.toString()}`;
    throw new DewproofError(
      'CONFLICT',
      `The rollout of ${name} was to version ${to.version}, the ledger has ${now} by now.`,
    );
  }
  if (order.phase === 'promoted' && phase !== 'promoted') {
    throw new DewproofError(
      'CONFLICT',
      `Version ${to.version} of ${name} is promoted; apply the old document anew instead.`,
    );
  }
}

async function confirmAbort({ name, from }: RolloutOrder, options: RolloutOptions): Promise<void> {
  await confirm(`Bring the canaries of ${name} back to version ${from.version}?`, { assumeYes: options.yes ?? false });
}

function sayHowToEnd({ name, from, to }: RolloutOrder): void {
  say(
    `Canaries go back to version ${from.version}. The ledger still names version ${to.version} of ${name}: to end it there,`,
  );
  say(
    `take the document as it was at version ${from.version} and run \`dewproof apply -f FILE\`: it becomes a newer version.`,
  );
}

import { randomBytes } from 'node:crypto';
import { hasCode } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { RolloutOrder } from '../../core/rollout/order.ts';
import type { ResourcePlan } from '../apply/plan-resource.ts';
import { dewsOf } from '../dew/session-dews.ts';
import { say, warn } from '../output/messages.ts';
import type { WriterSession } from '../session.ts';
import { handOrder } from './hand-order.ts';
import { planOrder } from './plan-order.ts';
import { verifyManager } from '../policy/verify-manager.ts';

/** What rollouts begin with. */
export interface BeginDeps {
  readonly session: WriterSession;
  readonly state: LedgerState;
  readonly share: RolloutOrder['share'];
  readonly errorThreshold: number | undefined;
}

/**
 * Gives an order for every version that is not active yet, before any of them is proposed: all of them or, where a
 * dew refuses one, nothing is proposed.
 * @throws USAGE, FORBIDDEN, the dews' codes
 */
export async function beginRollouts(plans: readonly ResourcePlan[], deps: BeginDeps): Promise<void> {
  const { session, state } = deps;
  const { tenant } = session.anchor;
  const pending = plans.filter(
    ({ proposal }) => (state.heads.get(proposal.resource)?.version ?? 0n) < proposal.version,
  );
  if (pending.length === 0) say('Nothing is new here, so there is nothing to roll out.');
  const orders: RolloutOrder[] = [];
  for (const { document, proposal } of pending) {
    const { name } = document.document.metadata;
    verifyManager({ tenant, name, account: session.account.account, state, what: 'rollout orders' });
    const { share, errorThreshold } = deps;
    orders.push(
      planOrder({
        tenant,
        name,
        proposal,
        state,
        ledger: session.anchor,
        placed: await placedOf({ tenant, name }, session),
        share,
        errorThreshold,
        author: session.account.account,
        seed: randomBytes(32).toString('hex'),
        now: Date.now(),
      }),
    );
  }
  for (const order of orders) {
    await handOrder(order, { dews: dewsOf(session), account: session.account });
    tell(order, deps);
  }
}

async function placedOf(scope: { readonly tenant: Name; readonly name: Name }, session: WriterSession) {
  const results = await Promise.all(
    dewsOf(session).map((dew) =>
      dew.getPlaced(scope).catch((error: unknown) => {
        // Whom it may not tell where things run, it may still take an order of.
        if (hasCode(error, 'FORBIDDEN')) return [];
        throw error;
      }),
    ),
  );
  return results.flat();
}

function tell({ name, canaries, population, errorThreshold }: RolloutOrder, deps: BeginDeps): void {
  say(`${name}: ${canaries.length} of ${population} devices try it first, ${canaries.join(', ')}`);
  say(`${name}: once it is active, see \`dewproof rollout status ${name}\`; end it with promote or abort`);
  if (errorThreshold < (deps.errorThreshold ?? 1)) {
    warn(`${name}: the error threshold is ${errorThreshold}, since there are no more canaries.`);
  }
  if (canaries.length === population) warn(`${name}: every device is a canary; only the way back differs from none.`);
}

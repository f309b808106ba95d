import { DewproofError } from '../errors.ts';
import type { ResourceId } from '../ids.ts';
import { isSameLedger } from '../ledger/is-same-ledger.ts';
import type { LedgerIdentity } from '../ledger/records.ts';
import { verifyAccess, type FactAging, type PolicyFacts } from '../policy.ts';
import type { IsSignedBy } from '../signatures.ts';
import {
  compareOrders,
  digestOfOrder,
  messageOfOrder,
  resourceOfOrder,
  type RolloutOrder,
  type SignedOrder,
} from './order.ts';

/** What an order is held against; `now` in Unix seconds, `known` is the newest order that was taken for the resource. */
export interface OrderQuestion {
  readonly signed: SignedOrder;
  readonly identity: LedgerIdentity;
  readonly resource: ResourceId;
  readonly known: RolloutOrder | undefined;
  readonly facts: PolicyFacts;
  readonly now: bigint;
  /** How old the policies are; all count fully where left out. */
  readonly aging?: FactAging;
}

/**
 * Verifies that an order counts: for this ledger and resource, not older than the one that was taken, by an author whom
 * the policies let `manage` the resource. Answers it. Whether it concerns the version on the ledger, `decideRollout` says.
 * @throws WRONG_CHAIN, WRONG_RESOURCE, ROLLBACK, EQUIVOCATION, UNAUTHENTICATED, FORBIDDEN, FREEZE
 */
export function verifyOrder(
  question: OrderQuestion,
  { isSignedBy }: { readonly isSignedBy: IsSignedBy },
): RolloutOrder {
  const { order, signature } = question.signed;
  verifyLedger(order, question.identity);
  if (resourceOfOrder(order) !== question.resource) {
    throw new DewproofError('WRONG_RESOURCE', `This rollout order is about ${order.tenant}/${order.name}.`);
  }
  if (question.known !== undefined) verifyRank([question.known, order]);
  if (!isSignedBy({ account: order.author, message: messageOfOrder(order), signature })) {
    throw new DewproofError('UNAUTHENTICATED', 'The rollout order was not signed by its author; have it given anew.');
  }
  const { resource, now, aging } = question;
  verifyAccess({ account: order.author, resource, action: 'manage', now, ...(aging && { aging }) }, question.facts);
  return order;
}

function verifyLedger({ ledger }: RolloutOrder, identity: LedgerIdentity): void {
  if (isSameLedger([ledger, identity])) return;
  const { chain, genesis, registry } = ledger;
  throw new DewproofError(
    'WRONG_CHAIN',
    `The rollout order is of another ledger (${chain}, genesis ${genesis}, registry ${registry}); give it anew here.`,
  );
}

function verifyRank([known, order]: readonly [RolloutOrder, RolloutOrder]): void {
  const rank = compareOrders([known, order]);
  if (rank < 0 || (rank === 0 && digestOfOrder(known) === digestOfOrder(order))) return;
  const serials = `serial ${order.serial} for version ${order.to.version}, ${known.serial} for ${known.to.version} is known`;
  if (rank === 0) throw new DewproofError('EQUIVOCATION', `Two rollout orders have ${serials}; give a newer one.`);
  throw new DewproofError('ROLLBACK', `The rollout order is an old one (${serials}); give a newer one.`);
}

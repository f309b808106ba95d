import type { Account } from '../account.ts';
import { digestOfOrder, type RolloutOrder } from './order.ts';
import { messageOfOutcome, type SignedOutcome } from './outcome.ts';
import type { IsSignedBy } from '../signatures.ts';

/** The canaries of an order that say themselves, signed, that its new version failed on them; each counts once. */
export function failedCanaries(
  { order, outcomes }: { readonly order: RolloutOrder; readonly outcomes: readonly SignedOutcome[] },
  { isSignedBy }: { readonly isSignedBy: IsSignedBy },
): ReadonlySet<Account> {
  const name = digestOfOrder(order);
  const failed = outcomes.filter(({ outcome, signature }) => {
    const { device } = outcome;
    if (outcome.order !== name || outcome.state !== 'failed' || !order.canaries.includes(device)) return false;
    return isSignedBy({ account: device, message: messageOfOutcome(outcome), signature });
  });
  return new Set(failed.map(({ outcome }) => outcome.device));
}

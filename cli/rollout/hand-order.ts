import type { LocalAccount } from '../../chain/evm/local-account.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { messageOfOrder, type RolloutOrder, type SignedOrder } from '../../core/rollout/order.ts';
import { sleep } from '../../platform/sleep.ts';
import type { DewClient } from '../dew/dew-client.ts';

const RETRY_MS = 250;
const PATIENCE_MS = 15_000;

/**
 * Signs an order and hands it to every dew that serves the resource's group; answers those. One that can't be reached
 * would let its devices install at once what the order holds back, so it is an error.
 * @throws USAGE (no dews), WRONG_GROUP (none serves it), and the first refusal of a dew
 */
export async function handOrder(
  order: RolloutOrder,
  { dews, account }: { readonly dews: readonly DewClient[]; readonly account: LocalAccount },
): Promise<readonly string[]> {
  if (dews.length === 0) {
    throw new DewproofError(
      'USAGE',
      'config.yaml names no dews, and devices have rollout orders from dews; name them.',
    );
  }
  const signed = { order, signature: await account.signMessage(messageOfOrder(order)) };
  const results = await Promise.allSettled(dews.map((dew) => handTo(dew, signed)));
  for (const result of results) {
    if (result.status === 'rejected' && !hasCode(result.reason, 'WRONG_GROUP')) throw result.reason;
  }
  const taken = dews.filter((_, index) => results[index]?.status === 'fulfilled').map(({ url }) => url);
  if (taken.length > 0) return taken;
  throw new DewproofError('WRONG_GROUP', `No dew in config.yaml serves the group of ${order.name}; add one that does.`);
}

/** A dew may be a block behind. */
async function handTo(dew: DewClient, signed: SignedOrder): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await dew.putRollout(signed);
      return;
    } catch (error) {
      if (!hasCode(error, 'LEDGER_BEHIND') || performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

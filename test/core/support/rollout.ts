import { digestOf } from '../../../core/digest.ts';
import { digestOfOrder, messageOfOrder, type RolloutOrder, type SignedOrder } from '../../../core/rollout/order.ts';
import { messageOfOutcome, type RolloutOutcome, type SignedOutcome } from '../../../core/rollout/outcome.ts';
import { walletOf } from '../../platform/wallets.ts';

/** The test account that gives orders where nothing else is said. */
export const AUTHOR_WALLET = 2;

/** An order from version 1 to 2 of `climate`, with one canary, unless `rest` says otherwise. */
export function orderOf(rest: Partial<RolloutOrder> = {}): RolloutOrder {
  return {
    apiVersion: 'dewproof/v1',
    kind: 'RolloutOrder',
    ledger: { chain: 'memory:test', genesis: `0x${'00'.repeat(32)}`, registry: 'test' },
    tenant: 'greenfields',
    name: 'climate',
    from: { version: 1, digest: digestOf(Buffer.from('one')) },
    to: { version: 2, digest: digestOf(Buffer.from('two')) },
    share: { devices: 1 },
    seed: '5e'.repeat(32),
    population: 4,
    canaries: [walletOf(1).account],
    errorThreshold: 1,
    phase: 'canary',
    serial: 1,
    author: walletOf(AUTHOR_WALLET).account,
    ...rest,
  };
}

/** The order signed by its author, or by whoever's wallet is named. */
export async function signOrder(order: RolloutOrder, wallet = AUTHOR_WALLET): Promise<SignedOrder> {
  return { order, signature: await walletOf(wallet).signMessage(messageOfOrder(order)) };
}

/** What a device says under an order, signed by its own wallet or another one. */
export async function signOutcome(
  order: RolloutOrder,
  { wallet, signedBy = wallet, ...rest }: { wallet: number; signedBy?: number } & Partial<RolloutOutcome>,
): Promise<SignedOutcome> {
  const outcome: RolloutOutcome = {
    apiVersion: 'dewproof/v1',
    kind: 'RolloutOutcome',
    order: digestOfOrder(order),
    device: walletOf(wallet).account,
    state: 'failed',
    version: 1,
    code: 'UNHEALTHY',
    ...rest,
  };
  return { outcome, signature: await walletOf(signedBy).signMessage(messageOfOutcome(outcome)) };
}

import { createHash } from 'node:crypto';
import type { Account } from '../account.ts';
import type { RolloutOrder } from './order.ts';

/**
 * Chooses an order's canaries: the accounts whose SHA-256 of `<seed>/<account>` is least, as many as the share says
 * (a percentage is rounded up, so that there is at least one). Anyone who knows the devices can choose them again.
 * Answers accounts in the order of their text.
 */
export function selectCanaries({
  seed,
  share,
  devices,
}: Pick<RolloutOrder, 'seed' | 'share'> & { readonly devices: readonly Account[] }): readonly Account[] {
  const all = [...new Set(devices)];
  const ranked = all.map((account) => ({ account, rank: rankOf(account, { seed }) }));
  const chosen = ranked.toSorted((a, b) => (a.rank < b.rank ? -1 : 1)).slice(0, countOf({ share, of: all.length }));
  return chosen.map(({ account }) => account).toSorted();
}

/** How many devices a share is, of so many. */
function countOf({ share, of }: { share: RolloutOrder['share']; of: number }): number {
  return 'devices' in share ? Math.min(share.devices, of) : Math.ceil((of * share.percent) / 100);
}

function rankOf(account: Account, { seed }: { seed: string }): string {
  return createHash('sha256').update(`${seed}/${account}`).digest('hex');
}

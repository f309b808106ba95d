import { openLocalAccount, type LocalAccount } from '../../chain/evm/local-account.ts';
import { anchorSchema, type Anchor } from '../../core/state/anchor.ts';
import { messageOfAnchor } from '../../core/state/anchor-message.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { witnessAnchor } from './test-bundles.ts';

/** Root keys for tests; the same ones on every run. */
export const rootKeys: readonly LocalAccount[] = Array.from({ length: 6 }, (_, index) =>
  openLocalAccount(new Uint8Array(32).fill(0x31 + index)),
);

/** `threshold` of the test's roots `from` to `to` (not included). */
export function rootsOf(threshold: number, [from, to]: readonly [number, number]): NonNullable<Anchor['roots']> {
  return { threshold, accounts: rootKeys.slice(from, to).map(({ account }) => account) };
}

/** An anchor of three witnesses with two of three roots, and what `change` says. */
export function rootedAnchor(change: Partial<Anchor> = {}): Anchor {
  return anchorSchema.parse({ ...witnessAnchor(), roots: rootsOf(2, [0, 3]), ...change });
}

/** `anchor` with the signatures of some of the test's roots. */
export async function signAnchor(anchor: Anchor, signers: readonly LocalAccount[]): Promise<SignedAnchor> {
  const message = messageOfAnchor(anchor);
  const signatures = await Promise.all(
    signers.map(async (key) => ({ account: key.account, signature: await key.signMessage(message) })),
  );
  return { apiVersion: 'dewproof/v1', kind: 'SignedAnchor', anchor, signatures };
}

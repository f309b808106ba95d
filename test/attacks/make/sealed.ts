import { baseHeader, accountsOf, bundleOf, four, qbftAnchor, tamper } from '../../support/test-bundles.ts';
import { plainHeader, sealAsQbft, type Sealing, type TestValidator } from '../../support/test-validators.ts';
import type { SetChange } from '../../../chain/light/bundle/proof-bundle.ts';
import type { Rlp } from '../../../chain/light/rlp.ts';

/** As many of `members` as must seal. */
export function quorum(members: readonly TestValidator[]): readonly TestValidator[] {
  return members.slice(0, Math.ceil((2 * members.length) / 3));
}

/** In the order in which headers list them. */
export function sorted(members: readonly TestValidator[]): readonly TestValidator[] {
  return [...members].sort((one, other) => (one.account < other.account ? -1 : 1));
}

/** The one at `index`. */
export function at<Item>(items: readonly Item[], index: number): Item {
  const found = items[index];
  if (found === undefined) throw new TypeError(`nothing at ${index}`);
  return found;
}

type Sealed = Partial<Omit<Sealing, 'validators'>> & { readonly set: readonly TestValidator[] };

/** A header at `height` that lists `set`. */
export function headerAt(height: bigint, { set, sealers = quorum(set), ...rest }: Sealed): Uint8Array {
  return sealAsQbft(plainHeader({ height }), { validators: accountsOf(set), sealers, ...rest });
}

/** The header of the test tenant's block. */
export function head(
  { set, sealers = quorum(set), ...rest }: Sealed,
  change: Readonly<Record<number, Rlp>> = {},
): Uint8Array {
  return sealAsQbft(baseHeader, { validators: accountsOf(set), sealers, ...rest }, change);
}

const whole = bundleOf({ header: head({ set: four }), changes: [], note: undefined }, qbftAnchor(four));

/** The test tenant's bundle under another header, which need not even be one. */
export function withHeader(header: Uint8Array, changes: readonly SetChange[] = []): Uint8Array {
  return tamper(whole, () => ({ header, changes }));
}

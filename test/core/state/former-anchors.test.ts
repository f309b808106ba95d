import { expect, test } from 'vitest';
import type { Anchor } from '../../../core/state/anchor.ts';
import { formerAnchors } from '../../../core/state/former-anchors.ts';
import type { SignedAnchor } from '../../../core/state/signed-anchor.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { rootedAnchor, rootKeys, rootsOf, signAnchor } from '../../support/test-anchors.ts';

const keysAt = (...indices: readonly number[]) => rootKeys.filter((_, index) => indices.includes(index));
const at = (version: number, change: Partial<Anchor> = {}) => rootedAnchor({ version, ...change });
/** Two of the first three roots must sign. */
const trusted = at(5);
const versions = (older: readonly SignedAnchor[], by = trusted) =>
  formerAnchors({ trusted: by, older }, { isSignedBy }).map(({ version }) => version);
const good = await signAnchor(at(3), keysAt(0, 1));

test('what enough of the roots signed counts, the newest first', async () => {
  const others = await Promise.all([2, 4].map((version) => signAnchor(at(version), keysAt(1, 2))));
  expect(versions([good, ...others])).toEqual([4, 3, 2]);
});

test.each<[string, SignedAnchor]>([
  ['too few signed', await signAnchor(at(3), keysAt(0))],
  ['nobody signed', { ...good, signatures: [] }],
  ['one signed twice', { ...good, signatures: [...good.signatures.slice(0, 1), ...good.signatures.slice(0, 1)] }],
  ['strangers signed who are its own roots', await signAnchor(at(3, { roots: rootsOf(2, [3, 6]) }), keysAt(3, 4))],
  ['was changed since', { ...good, anchor: { ...good.anchor, staleAfter: 60 } }],
  ['is of another chain', await signAnchor(at(3, { chain: '999' }), keysAt(0, 1))],
  ['is of another tenant', await signAnchor(at(3, { tenant: 'elsewhere' }), keysAt(0, 1))],
  ['is no older', await signAnchor(at(5, { staleAfter: 60 }), keysAt(0, 1))],
])('one that %s does not, and spoils none of the others', async (_, bad) => {
  expect(versions([bad])).toEqual([]);
  expect(versions([await signAnchor(at(2), keysAt(0, 2)), bad])).toEqual([2]);
});

test('roots lead back from one to the next, as they were handed on', async () => {
  const handing = await signAnchor(at(4, { roots: rootsOf(2, [1, 4]) }), keysAt(1, 2));
  const before = await signAnchor(at(3, { roots: rootsOf(2, [1, 4]) }), keysAt(2, 3));
  expect(versions([before, handing])).toEqual([4, 3]);
  expect(versions([before])).toEqual([]);
});

test('none counts where the newest names no roots', () => {
  expect(versions([good], { ...trusted, roots: undefined })).toEqual([]);
});

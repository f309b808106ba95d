import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { recordNodes } from '../../../../chain/light/make/record-nodes.ts';
import { readNamed } from '../../../../chain/light/qbft/read-named.ts';
import { pileNodes } from '../../../../chain/light/trie/node-pile.ts';
import type { Account } from '../../../../core/account.ts';
import { accountsOf, bundleOf, four, verdictOf } from '../../../support/test-bundles.ts';
import {
  buildNamedState,
  elementsOf,
  namedAnchor,
  namedChange,
  nodesTaken,
  validatorContract as contract,
  withNodes,
  type NamedState,
} from '../../../support/test-named.ts';
import { head, quorum } from '../../../attacks/make/sealed.ts';
import { refusalOf } from './refusal-of.ts';

const crypto = nobleCrypto;
const account = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes): Account => `0x${Buffer.from(bytes).toString('hex')}`)
  .filter((one) => BigInt(one) > 0n);
const accountAt = (index: number): Account => `0x${(index + 1).toString(16).padStart(40, '0')}`;

/** Whom a state names, by just the nodes that a change of it carries. */
function read(state: NamedState): readonly Account[] {
  const trie = buildNamedState(state);
  const pile = pileNodes(nodesTaken(trie), crypto);
  const named = readNamed(pile, { stateRoot: trie.root, contract, crypto });
  pile.finish();
  return named;
}

test('whoever stands in the contract’s list is read, ascending, whatever their order there', () => {
  fc.assert(
    fc.property(fc.uniqueArray(account, { minLength: 1, maxLength: 20 }), (accounts) => {
      expect(read({ elements: elementsOf(accounts) })).toEqual(accounts.toSorted());
    }),
    { numRuns: 50 },
  );
});

test('128 of them are read, from less than the cap’s nodes, and no more', () => {
  const accounts = Array.from({ length: 129 }, (_, index) => accountAt(index));
  expect(read({ elements: elementsOf(accounts.slice(0, 128)) })).toHaveLength(128);
  expect(refusalOf(() => read({ elements: elementsOf(accounts) }))).toBe('set-size');
});

test('each node of a proof is needed, once and in its place', () => {
  const change = namedChange(200n, { elements: elementsOf(accountsOf(four.slice(1))) }, { sealers: quorum(four) });
  const anchor = namedAnchor(four);
  const last = head({ set: [], sealers: quorum(four.slice(1)), coinbase: accountAt(0) });
  const verdict = (edit: (nodes: readonly Uint8Array[]) => readonly Uint8Array[]) =>
    verdictOf(bundleOf({ header: last, changes: [withNodes(change, edit)], note: undefined }, anchor), {
      anchor,
      crypto,
    });
  expect(verdict((nodes) => nodes)).toBe('ok');
  const { length } = change;
  for (let at = 0; at < length - 1; at++) {
    expect(verdict((nodes) => nodes.toSpliced(at, 1))).toMatch(/^PROOF_INVALID\/node-(?:hash|missing)$/);
    expect(verdict((nodes) => nodes.toSpliced(at, 0, nodes[at] ?? new Uint8Array(0)))).toMatch(/^PROOF_INVALID\/node-/);
    const flipped = (nodes: readonly Uint8Array[]) => nodes.map((one, index) => (index === at ? flip(one) : one));
    expect(verdict(flipped)).toBe('PROOF_INVALID/node-hash');
  }
});

test('an array that shrank and grew again names whom it names now', () => {
  const { root, nodes } = buildNamedState({ elements: elementsOf(accountsOf(four)), length: 3n });
  const pile = recordNodes(nodes, crypto);
  expect(readNamed(pile, { stateRoot: root, contract, crypto })).toEqual(accountsOf(four.slice(0, 3)));
});

function flip(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

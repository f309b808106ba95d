import { expect, test } from 'vitest';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { fromHex, toHex } from '../../../../chain/light/hex.ts';
import { recordNodes } from '../../../../chain/light/make/record-nodes.ts';
import { parseHeader } from '../../../../chain/light/qbft/header.ts';
import { readAccount } from '../../../../chain/light/read-account.ts';
import { encodeRlp, type Rlp } from '../../../../chain/light/rlp.ts';
import { pileNodes } from '../../../../chain/light/trie/node-pile.ts';
import { readTrie } from '../../../../chain/light/trie/read-trie.ts';
import { codeHash, registry } from '../../../support/test-registry.ts';
import { buildTrie } from '../../../support/trie-builder.ts';
import { refusalOf } from './refusal-of.ts';

const { keccak256 } = nobleCrypto;
const root = new Uint8Array(32).fill(5);
const zero = new Uint8Array(0);
const others = Array.from({ length: 30 }, (_, index) => [keccak256(Uint8Array.of(index)), Uint8Array.of(7)] as const);
const key = keccak256(fromHex(registry));

/** What is read of a state whose registry has this account; `undefined` for none at all. */
function read(account: Rlp | undefined): string | undefined {
  const trie = buildTrie([...others, ...(account ? [[key, encodeRlp(account)] as const] : [])]);
  const recorder = recordNodes(trie.nodes, nobleCrypto);
  readTrie(recorder, { root: trie.root, key });
  const pile = pileNodes(recorder.recorded(), nobleCrypto);
  const contract = { address: registry, codeHash };
  return refusalOf(() => {
    expect(toHex(readAccount(pile, { stateRoot: trie.root, contract, crypto: nobleCrypto }))).toBe(toHex(root));
  });
}

const code = fromHex(codeHash);
test.each<[string, Rlp | undefined, string | undefined]>([
  ['what it should be', [Uint8Array.of(1), zero, root, code], undefined],
  ['not there', undefined, 'WRONG_CHAIN'],
  ['of other code', [Uint8Array.of(1), zero, root, root], 'WRONG_CHAIN'],
  ['of three fields', [Uint8Array.of(1), root, code], 'account-shape'],
  ['of five fields', [Uint8Array.of(1), zero, root, code, zero], 'account-shape'],
  ['a string', root, 'rlp-list'],
  ['of a short storage root', [Uint8Array.of(1), zero, zero, code], 'rlp-length'],
  ['of a padded balance', [Uint8Array.of(1), Uint8Array.of(0, 1), root, code], 'rlp-integer'],
])('the account of a registry: %s', (_, account, expected) => {
  expect(read(account)).toBe(expected);
});

test('a header that is a string is none', () => {
  expect(refusalOf(() => parseHeader(encodeRlp(root)))).toBe('rlp-list');
});

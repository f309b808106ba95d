import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { fromHex } from '../../../chain/light/hex.ts';
import { encodeRlp, integerBytes, type Rlp } from '../../../chain/light/rlp.ts';
import { EMPTY_ROOT } from '../../../chain/light/trie/read-trie.ts';
import { four, qbftBundle, seven, witnessBundle } from '../../support/test-bundles.ts';
import { codeHash, device, registry, resources } from '../../support/test-registry.ts';
import { buildTrie } from '../../support/trie-builder.ts';
import type { Draft, Family } from '../make/draft.ts';
import { claimsOf, storageOf } from '../make/facts.ts';
import { accountOf, forge, registryPath } from '../make/forge.ts';
import { branch, hashOfNode, leaf } from '../make/nodes.ts';

const { keccak256 } = nobleCrypto;
const [resource] = resources;
const absent = claimsOf({}, { heads: [resource] });
const empty = { claims: absent, storageNodes: [] };
const none = new Uint8Array(0);
const foreign = new Uint8Array(32).fill(9);
const code = fromHex(codeHash);
const nibble = registryPath[0] ?? 0;
const record = {
  resource,
  version: 9n,
  digest: `sha256:${'ab'.repeat(32)}`,
  group: `0x${'b1'.repeat(32)}`,
  status: 'active',
} as const;

const bad = (
  name: string,
  attack: string,
  expect: string,
  bundle: Uint8Array,
  patch?: Record<string, unknown>,
): Draft => ({
  name,
  attack,
  expect,
  bundle,
  ...(patch && { patch }),
});
const account = (item: Rlp) => forge({ ...empty, account: encodeRlp(item) });
const one = integerBytes(1n);

/** Another contract of the attacker's, in the same state, whose storage says what the attacker likes. */
function otherContract(): Uint8Array {
  const storage = buildTrie(storageOf({ heads: [record] }));
  const theirs = accountOf({ storageRoot: storage.root });
  const state = buildTrie([
    [keccak256(fromHex(device)), theirs],
    [keccak256(fromHex(registry)), accountOf({ storageRoot: EMPTY_ROOT })],
  ]);
  // The root and the leaf of the attacker's contract, not that of the registry.
  const [root = none, ...leaves] = state.nodes;
  const own = leaves.find((node) => Buffer.from(node).includes(Buffer.from(theirs))) ?? none;
  return forge({
    claims: claimsOf({ heads: [record] }),
    stateRoot: state.root,
    stateNodes: [root, own],
    storageNodes: storage.nodes,
  });
}

const otherLeaf = leaf(registryPath.slice(1), accountOf({ storageRoot: EMPTY_ROOT, code: foreign }));
const fork = branch({ [nibble]: hashOfNode(otherLeaf), [(nibble + 1) % 16]: foreign });
const emptyWay = branch({ [(nibble + 1) % 16]: foreign, [(nibble + 2) % 16]: foreign });
const good = qbftBundle(four);
const patched = (name: string, attack: string, expect: string, patch: Record<string, unknown>) =>
  bad(name, attack, expect, good, patch);

/** The registry's account, and whose registry it is. */
export const accountFamily: Family = {
  family: 'account',
  about: 'The account of the registry under the state root: the contract, its code, its chain.',
  source: 'TUF: wrong software',
  drafts: [
    {
      ...bad('right', 'None: a contract that holds nothing yet.', 'ok', forge(empty)),
      proves: { records: { [resource]: null } },
    },
    {
      ...bad(
        'rich',
        'None: a contract with a large nonce and balance.',
        'ok',
        forge({
          ...empty,
          account: accountOf({
            nonce: integerBytes(2n ** 64n - 1n),
            balance: integerBytes(2n ** 256n - 1n),
            storageRoot: EMPTY_ROOT,
          }),
        }),
      ),
      proves: { records: { [resource]: null } },
    },
    { ...bad('four-validators', 'None: the bundle that others are made of.', 'ok', good), proves: { height: '500' } },
    bad(
      'other-code',
      'A contract of other code at the registry’s address, whose slots mean something else.',
      'WRONG_CHAIN',
      forge({ ...empty, account: accountOf({ storageRoot: EMPTY_ROOT, code: foreign }) }),
    ),
    bad(
      'no-code',
      'A plain account at the registry’s address (keccak256 of nothing).',
      'WRONG_CHAIN',
      forge({ ...empty, account: accountOf({ storageRoot: EMPTY_ROOT, code: keccak256(none) }) }),
    ),
    bad(
      'not-deployed',
      'A block from before the registry: an empty state.',
      'WRONG_CHAIN',
      forge({ ...empty, stateRoot: EMPTY_ROOT, stateNodes: [] }),
    ),
    bad(
      'an-empty-way',
      'A state in which a branch has nothing on the registry’s way.',
      'WRONG_CHAIN',
      forge({ ...empty, stateNodes: [encodeRlp(emptyWay)] }),
    ),
    bad(
      'another-account',
      'A state whose only account is another one.',
      'WRONG_CHAIN',
      forge({
        ...empty,
        stateNodes: [
          encodeRlp(leaf([(nibble + 1) % 16, ...registryPath.slice(1)], accountOf({ storageRoot: EMPTY_ROOT }))),
        ],
      }),
    ),
    bad(
      'left-out',
      'The registry’s account is left out.',
      'PROOF_INVALID/node-missing',
      forge({ ...empty, stateNodes: [encodeRlp(fork)] }),
    ),
    bad(
      'state-left-out',
      'The whole state trie is left out.',
      'PROOF_INVALID/node-missing',
      forge({ ...empty, stateRoot: foreign, stateNodes: [] }),
    ),
    bad(
      'contract-of-the-attacker',
      'The account of the attacker’s copy of the contract, in the same state, in the place of the registry’s.',
      'PROOF_INVALID/node-hash',
      otherContract(),
    ),
    bad(
      'storage-passed-off-as-the-state',
      'The storage trie in the place of the state trie.',
      'PROOF_INVALID/node-hash',
      forge({
        ...empty,
        stateRoot: foreign,
        stateNodes: [encodeRlp(leaf(registryPath, accountOf({ storageRoot: EMPTY_ROOT })))],
      }),
    ),
    bad(
      'three-fields',
      'An account without a nonce.',
      'PROOF_INVALID/account-shape',
      account([none, EMPTY_ROOT, code]),
    ),
    bad(
      'five-fields',
      'An account of a field more.',
      'PROOF_INVALID/account-shape',
      account([one, none, EMPTY_ROOT, code, none]),
    ),
    bad('a-string', 'An account that is a string.', 'PROOF_INVALID/rlp-list', account(foreign)),
    bad(
      'a-trailing-byte',
      'A byte after the account in its leaf.',
      'PROOF_INVALID/rlp-trailing',
      forge({ ...empty, account: Uint8Array.from([...accountOf({ storageRoot: EMPTY_ROOT }), 0]) }),
    ),
    bad(
      'nonce-with-a-leading-zero',
      'A nonce with a leading zero: a second form of one account.',
      'PROOF_INVALID/rlp-integer',
      account([Uint8Array.of(0, 1), none, EMPTY_ROOT, code]),
    ),
    bad(
      'nonce-of-nine-bytes',
      'A nonce of nine bytes.',
      'PROOF_INVALID/rlp-integer',
      account([new Uint8Array(9).fill(1), none, EMPTY_ROOT, code]),
    ),
    bad(
      'balance-with-a-leading-zero',
      'A balance with a leading zero.',
      'PROOF_INVALID/rlp-integer',
      account([one, Uint8Array.of(0, 1), EMPTY_ROOT, code]),
    ),
    bad(
      'balance-of-33-bytes',
      'A balance of 33 bytes.',
      'PROOF_INVALID/rlp-integer',
      account([one, new Uint8Array(33).fill(1), EMPTY_ROOT, code]),
    ),
    bad(
      'nonce-that-is-a-list',
      'A nonce that is a list.',
      'PROOF_INVALID/rlp-bytes',
      account([[one], none, EMPTY_ROOT, code]),
    ),
    bad(
      'storage-root-of-nothing',
      'No storage root: nothing is there, says a lenient reader.',
      'PROOF_INVALID/rlp-length',
      account([one, none, none, code]),
    ),
    bad(
      'storage-root-of-31-bytes',
      'A storage root of 31 bytes.',
      'PROOF_INVALID/rlp-length',
      account([one, none, EMPTY_ROOT.subarray(1), code]),
    ),
    bad(
      'code-hash-of-31-bytes',
      'A code hash of 31 bytes.',
      'PROOF_INVALID/rlp-length',
      account([one, none, EMPTY_ROOT, code.subarray(1)]),
    ),
    patched('anchor-of-other-code', 'A bundle of a registry whose code the anchor does not name.', 'WRONG_CHAIN', {
      codeHash: `0x${'cd'.repeat(32)}`,
    }),
    patched(
      'anchor-of-another-registry',
      'A bundle of another tenant’s registry on the same chain.',
      'PROOF_INVALID/node-hash',
      { registry: `0x${'43'.repeat(20)}` },
    ),
    patched('anchor-of-no-evm-chain', 'An anchor whose registry is no contract.', 'CONFIG', { registry: 'memory' }),
    patched(
      'anchor-in-capitals',
      'An anchor whose registry is written in capitals: two names of one account.',
      'CONFIG',
      { registry: `0x${'4A'.repeat(20)}` },
    ),
    patched('anchor-that-trusts-a-node', 'A bundle for a device that trusts the node it asks.', 'CONFIG', {
      finality: {
        kind: 'rpc',
        url: 'http://127.0.0.1:8545/',
        confirmations: 0,
        validators: null,
        height: null,
        hash: null,
        epochLength: null,
      },
    }),
    bad(
      'witnessed-for-validators',
      'A bundle that witnesses vouch for, where validators are trusted.',
      'PROOF_INVALID/note-extra',
      witnessBundle(),
    ),
    {
      ...bad(
        'sealed-for-witnesses',
        'A bundle that validators sealed, where witnesses are trusted.',
        'PROOF_INVALID/note-missing',
        good,
      ),
      anchor: 'witnesses',
    },
    bad('seven-for-four', 'A bundle of a chain of seven validators, three of them ours.', 'QUORUM', qbftBundle(seven)),
  ],
};

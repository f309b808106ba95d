import type { SetChange } from '../../../chain/light/bundle/proof-bundle.ts';
import { fromHex } from '../../../chain/light/hex.ts';
import { integerBytes } from '../../../chain/light/rlp.ts';
import { MAX_CHANGE_NODES } from '../../../chain/light/bundle/limits.ts';
import type { Account } from '../../../core/account.ts';
import { accountsOf, four, HEIGHT, seven } from '../../support/test-bundles.ts';
import {
  buildNamedState,
  elementsOf,
  headerOf,
  namedChange,
  nodesTaken,
  rawOf,
  validatorContract,
  withNodes,
  type NamedSealing,
  type NamedState,
} from '../../support/test-named.ts';
import { createValidators, hashOf, type TestValidator } from '../../support/test-validators.ts';
import type { Draft, Family } from '../make/draft.ts';
import { at, head, headerAt, quorum, sorted, withHeader } from '../make/sealed.ts';

const three = four.slice(0, 3);
const gone = at(four, 3);
const newcomers = createValidators(4, { from: 20 });
const five = sorted([...four, at(newcomers, 0)]);
const grown = sorted([...four, ...newcomers.slice(0, 3)]);
const proves = { height: '500' };
const short: Account = `0x${'00'.repeat(19)}ab`;
const vote = { recipient: gone.account, adds: false };

/** A head that lists nobody, sealed by a quorum of `set`. */
const listless = (set: readonly TestValidator[], sealers = quorum(set), rest: { vote?: typeof vote } = {}) =>
  head({ set: [], sealers, coinbase: at(set, 0).account, ...rest });
const naming = (accounts: readonly Account[]): NamedState => ({ elements: elementsOf(accounts) });
const to = (set: readonly TestValidator[], rest: Partial<NamedSealing> = {}, height = 200n): SetChange =>
  namedChange(height, naming(accountsOf(set)), { sealers: quorum(four), ...rest });
/** A change whose state is an unusual one. */
const odd = (state: NamedState): SetChange => namedChange(200n, state, { sealers: quorum(four) });
const toThree = to(three);
const edited = (edit: (nodes: readonly Uint8Array[]) => readonly Uint8Array[]) => withNodes(toThree, edit);

const good = (name: string, changes: readonly SetChange[], last: Uint8Array, rest: Partial<Draft> = {}): Draft => ({
  name,
  attack: 'None: the contract names others, and that is proved.',
  expect: 'ok',
  anchor: 'named',
  proves,
  bundle: withHeader(last, changes),
  ...rest,
});
const bad = (
  name: string,
  attack: string,
  expect: string,
  changes: readonly SetChange[],
  last = listless(three),
  rest: Partial<Draft> = {},
): Draft => ({ name, attack, expect, anchor: 'named', bundle: withHeader(last, changes), ...rest });
const contractPatch = (contract: Record<string, unknown>) => ({ patch: { finality: { contract } } });

const own = listless(four);
const listing = head({ set: four });
const anchored = (last: Uint8Array) => ({ finality: { height: Number(HEIGHT), hash: hashOf(last) } });

/** Another contract of the attacker's in the same state, with a list of the attacker's. */
const attackers = { ...validatorContract, address: `0x${'78'.repeat(20)}` } as const;
const theirState = buildNamedState({ ...naming(accountsOf(newcomers)), contract: attackers });
const theirChange: SetChange = [
  headerOf(200n, { stateRoot: theirState.root, sealers: quorum(four) }),
  ...nodesTaken(theirState, attackers),
];
const otherSlot = { ...validatorContract, slot: `0x${'00'.repeat(31)}09` } as const;
const elsewhere = buildNamedState({ ...naming(accountsOf(newcomers)), contract: otherSlot });
const unread: SetChange = [
  headerOf(200n, { stateRoot: elsewhere.root, sealers: quorum(four) }),
  ...nodesTaken(elsewhere),
];
const many = Array.from({ length: 128 }, (_, index): Account => `0x${(index + 1).toString(16).padStart(40, '0')}`);
const threeAndShort = naming([...accountsOf(three), short]);
const stateOfFour = buildNamedState(naming(accountsOf(four)));

/** The validators whom a contract names, where headers list nobody. */
export const contractFamily: Family = {
  family: 'contract',
  about:
    'Changes of the set of validators where a contract names them: by a storage proof under a header of the old quorum.',
  source: 'CometBFT: long-range attack by a former set of validators',
  drafts: [
    good('no-change', [], listless(four), { attack: 'None: nobody changed.' }),
    good('four-to-three', [toThree], listless(three)),
    good('four-to-seven', [to(grown)], listless(grown)),
    good('four-to-four-others', [to(newcomers)], listless(newcomers)),
    good('two-changes', [toThree, to(grown, { sealers: quorum(three) }, 300n)], listless(grown)),
    good('late-where-newcomers-seal', [to(five, { sealers: [...three, at(newcomers, 0)] })], listless(five)),
    good('list-in-another-order', [odd(naming(accountsOf(three).toReversed()))], listless(three)),
    good('an-account-with-leading-zeros', [odd(threeAndShort)], listless(three, three)),
    good('a-vote-in-the-head', [toThree], listless(three, quorum(three), { vote })),
    good('a-vote-in-the-change', [to(three, { vote })], listless(three)),
    good('the-anchors-own-block', [], own, { patch: anchored(own) }),
    bad(
      'change-left-out',
      'The change is left out; the head’s seals are the new set’s.',
      'PROOF_INVALID/seal-stranger',
      [],
      listless(newcomers),
    ),
    bad(
      'old-set-after-it-was-replaced',
      'Whom the contract names no more seals on, with two that stayed.',
      'PROOF_INVALID/seal-stranger',
      [toThree],
      listless(three, [at(four, 0), at(four, 1), gone]),
      { source: 'TUF: rollback' },
    ),
    bad(
      'new-set-without-its-quorum',
      'The new set’s head is sealed by one of three.',
      'QUORUM',
      [toThree],
      listless(three, three.slice(0, 1)),
    ),
    bad(
      'two-of-four-seal-the-change',
      'Half of the old set seals a state that names whom it likes.',
      'QUORUM',
      [to(newcomers, { sealers: four.slice(0, 2) })],
      listless(newcomers),
    ),
    bad(
      'newcomers-fill-the-quorum',
      'Two of four and three of the new set seal: five of seven, and no old quorum.',
      'QUORUM',
      [to(grown, { sealers: [...four.slice(0, 2), ...newcomers.slice(0, 3)] })],
      listless(grown),
    ),
    bad(
      'newcomers-alone-seal-the-change',
      'The new set vouches for itself.',
      'QUORUM',
      [to(newcomers, { sealers: quorum(newcomers) })],
      listless(newcomers),
    ),
    bad(
      'nobody-seals-the-change',
      'A change that nobody sealed.',
      'QUORUM',
      [to(newcomers, { sealers: [] })],
      listless(newcomers),
    ),
    bad(
      'a-stranger-among-the-seals',
      'Beside the old quorum one seals who is in neither set.',
      'PROOF_INVALID/seal-stranger',
      [to(three, { sealers: [...three, at(newcomers, 0)] })],
    ),
    bad('one-seal-twice', 'One of the old set seals twice, so that two count as three.', 'PROOF_INVALID/seal-twice', [
      to(three, { sealers: [at(four, 0), at(four, 1), at(four, 1)] }),
    ]),
    bad('change-without-nodes', 'The header of a change alone.', 'PROOF_INVALID/change-unproved', [rawOf(toThree)]),
    bad(
      'a-vote-in-the-place-of-a-proof',
      'Votes, of whom there are enough where headers list the validators.',
      'PROOF_INVALID/change-unproved',
      [0, 1, 2].map((voter) => headerAt(200n + BigInt(voter), { set: four, vote, coinbase: at(four, voter).account })),
      listless(three),
    ),
    bad('change-that-lists-the-set', 'A change whose header lists the new set too.', 'PROOF_INVALID/extra-listed', [
      to(three, { listed: accountsOf(three) }),
    ]),
    bad(
      'head-that-lists-the-set',
      'A head that lists the very set that is trusted.',
      'PROOF_INVALID/extra-listed',
      [],
      listing,
    ),
    bad(
      'head-that-lists-another-set',
      'A head that lists a new set, with the old quorum among its seals.',
      'PROOF_INVALID/extra-listed',
      [],
      head({ set: grown, sealers: [...three, ...newcomers.slice(0, 2)] }),
    ),
    bad(
      'anchors-block-that-lists-the-set',
      'The anchor’s own block, which lists its set.',
      'PROOF_INVALID/extra-listed',
      [],
      listing,
      {
        patch: anchored(listing),
      },
    ),
    bad(
      'change-of-nobody',
      'A state that names whom it named.',
      'PROOF_INVALID/change-idle',
      [to(four)],
      listless(four),
    ),
    bad(
      'change-of-the-order-alone',
      'A state that names the same ones in another order.',
      'PROOF_INVALID/change-idle',
      [odd(naming(accountsOf(four).toReversed()))],
      listless(four),
    ),
    bad('one-change-twice', 'One change is shown twice.', 'PROOF_INVALID/header-order', [toThree, toThree]),
    bad('changes-out-of-order', 'Two changes in another order.', 'PROOF_INVALID/header-order', [
      to(five, {}, 300n),
      toThree,
    ]),
    bad(
      'change-from-before-the-anchor',
      'A change that the anchor already knows of.',
      'PROOF_INVALID/header-order',
      [to(three, {}, 99n)],
      listless(three),
      {
        source: 'TUF: rollback',
      },
    ),
    bad('change-in-the-anchors-block', 'A change in the very block of the anchor.', 'PROOF_INVALID/header-order', [
      to(three, {}, 100n),
    ]),
    bad('change-after-the-head', 'A change from after the block that is proved.', 'PROOF_INVALID/header-order', [
      to(three, {}, HEIGHT + 1n),
    ]),
    bad(
      'change-at-the-heads-height',
      'Another block of the head’s height, as a change.',
      'PROOF_INVALID/header-order',
      [to(three, {}, HEIGHT)],
    ),
    bad(
      'change-before-the-anchors-own-block',
      'A change that leads to the anchor’s own block.',
      'PROOF_INVALID',
      [toThree],
      own,
      {
        patch: anchored(own),
      },
    ),
    bad('time-going-back', 'A change from long after the head.', 'PROOF_INVALID/header-time', [
      to(three, { time: 1_900_000_000n }),
    ]),
    bad(
      'time-going-back-between-changes',
      'A change older than the one before it.',
      'PROOF_INVALID/header-time',
      [toThree, to(grown, { sealers: quorum(three), time: 1_700_000_199n }, 300n)],
      listless(grown),
    ),
    bad(
      'node-left-out',
      'The last node is left out: an element that is missing is not absent.',
      'PROOF_INVALID/node-missing',
      [edited((nodes) => nodes.slice(0, -1))],
      listless(three),
      { source: '"node missing" taken for "key absent"' },
    ),
    bad('account-left-out', 'The contract’s account is left out.', 'PROOF_INVALID/node-hash', [
      edited((nodes) => nodes.slice(1)),
    ]),
    bad('a-node-too-many', 'A node more at the end.', 'PROOF_INVALID/node-extra', [
      edited((nodes) => [...nodes, nodes[0] ?? new Uint8Array(0)]),
    ]),
    bad('a-node-twice', 'A node is repeated in its place.', 'PROOF_INVALID/node-hash', [
      edited(([first = new Uint8Array(0), ...rest]) => [first, first, ...rest]),
    ]),
    bad('nodes-in-another-order', 'The nodes the other way round.', 'PROOF_INVALID/node-hash', [
      edited((nodes) => nodes.toReversed()),
    ]),
    bad(
      'nodes-of-two-changes-in-one-pile',
      'Nodes that only the next change needs.',
      'PROOF_INVALID/node-extra',
      [
        edited((nodes) => [...nodes, ...nodesTaken(buildNamedState(naming(accountsOf(grown))))]),
        to(grown, { sealers: quorum(three) }, 300n),
      ],
      listless(grown),
    ),
    bad(
      'proof-of-another-block',
      'The header of one block and the state of another.',
      'PROOF_INVALID/node-hash',
      [edited(() => nodesTaken(buildNamedState(naming(accountsOf(newcomers)))))],
      listless(newcomers),
      { source: 'a proof not tied to the root' },
    ),
    bad(
      'proof-of-another-contract',
      'The attacker’s copy of the contract, which names the attacker’s validators.',
      'PROOF_INVALID/node-hash',
      [theirChange],
      listless(newcomers),
    ),
    bad(
      'proof-of-another-slot',
      'A list in another slot than the anchor’s: in that one stands nothing.',
      'PROOF_INVALID/set-empty',
      [unread],
      listless(newcomers),
    ),
    bad('contract-that-is-not-there', 'A state in which no contract stands at the address.', 'WRONG_CHAIN', [
      odd({ ...naming(accountsOf(three)), contract: attackers }),
    ]),
    bad(
      'contract-of-other-code',
      'Another contract’s code at the address, whose slots mean something else.',
      'WRONG_CHAIN',
      [odd({ ...naming(accountsOf(newcomers)), contract: { ...validatorContract, codeHash: `0x${'ce'.repeat(32)}` } })],
      listless(newcomers),
    ),
    bad(
      'anchor-of-other-code',
      'A contract whose code the anchor does not name.',
      'WRONG_CHAIN',
      [toThree],
      listless(three),
      contractPatch({ codeHash: `0x${'ce'.repeat(32)}` }),
    ),
    bad(
      'anchor-of-another-contract',
      'A contract that the anchor does not name.',
      'WRONG_CHAIN',
      [odd(naming(accountsOf(three)))],
      listless(three),
      contractPatch({ address: attackers.address }),
    ),
    bad(
      'empty-list',
      'A list of nobody: anyone would be a quorum of none.',
      'PROOF_INVALID/set-empty',
      [odd({ elements: [] })],
      listless(three),
    ),
    bad(
      '128-names',
      'As many as there may be, of whom two of four are no quorum.',
      'QUORUM',
      [odd(naming(many))],
      listless(three),
    ),
    bad(
      '129-names',
      'More validators than anybody runs.',
      'PROOF_INVALID/set-size',
      [odd({ ...naming(accountsOf(three)), length: 129n })],
      listless(three),
      {
        source: 'TUF: endless data',
      },
    ),
    bad('256-names', 'A length of two bytes, the first of which is small.', 'PROOF_INVALID/set-size', [
      odd({ ...naming(accountsOf(three)), length: 259n }),
    ]),
    bad(
      '2-to-the-255-names',
      'A length that no memory holds.',
      'PROOF_INVALID/set-size',
      [odd({ ...naming(accountsOf(three)), length: 2n ** 255n })],
      listless(three),
      {
        source: 'TUF: endless data',
      },
    ),
    bad('one-name-twice', 'One validator in two places, whose seal would count for two.', 'PROOF_INVALID/set-twice', [
      odd(naming([...accountsOf(three), at(four, 0).account])),
    ]),
    bad('a-name-of-zero', 'A list with a place in which nobody stands.', 'PROOF_INVALID/set-zero', [
      odd({ elements: [...elementsOf(accountsOf(three)), new Uint8Array(0)] }),
    ]),
    bad(
      'fewer-elements-than-the-length',
      'A length beyond the elements: what is not there is the account of zeros.',
      'PROOF_INVALID/set-zero',
      [odd({ ...naming(accountsOf(three)), length: 5n })],
    ),
    bad('a-name-of-21-bytes', 'A slot that holds an account and a byte more.', 'PROOF_INVALID/set-element', [
      odd({ elements: [...elementsOf(accountsOf(three)), Uint8Array.from([1, ...fromHex(gone.account)])] }),
    ]),
    bad('a-name-of-32-bytes', 'A slot that holds a hash.', 'PROOF_INVALID/set-element', [
      odd({ elements: [...elementsOf(accountsOf(three)), new Uint8Array(32).fill(7)] }),
    ]),
    bad(
      'a-name-with-a-leading-zero',
      'A slot whose value is written with a leading zero: two forms of one account.',
      'PROOF_INVALID/slot-value',
      [odd({ elements: [...elementsOf(accountsOf(three)), Uint8Array.from([0, 1])] })],
    ),
    bad('header-that-is-none', 'A change whose header is no header.', 'PROOF_INVALID/rlp-list', [
      [Uint8Array.of(0x80), Uint8Array.of(0x80)],
    ]),
    bad('nodes-that-are-none', 'A change whose nodes are no trie’s.', 'PROOF_INVALID/node-hash', [
      [rawOf(toThree), integerBytes(7n)],
    ]),
    bad('a-node-without-a-header', 'An array of one byte string.', 'SCHEMA', [[rawOf(toThree)]]),
    bad('an-empty-array', 'A change of nothing.', 'SCHEMA', [[] as unknown as SetChange]),
    bad(
      'more-nodes-than-a-change-takes',
      'A change of more nodes than any set of validators needs.',
      'SCHEMA',
      [[rawOf(toThree), ...Array<Uint8Array>(MAX_CHANGE_NODES + 1).fill(new Uint8Array(0))]],
      listless(three),
      { source: 'TUF: endless data' },
    ),
    bad(
      'as-many-nodes-as-a-change-takes',
      'A change of as many nodes as it may have, none of which it needs.',
      'PROOF_INVALID/node-hash',
      [[rawOf(toThree), ...Array<Uint8Array>(MAX_CHANGE_NODES).fill(new Uint8Array(0))]],
    ),
    bad('nodes-nested-deeper', 'A list of nodes in the place of a node.', 'TOO_DEEP', [
      [rawOf(toThree), [Uint8Array.of(0)] as unknown as Uint8Array],
    ]),
    bad(
      'a-proof-where-headers-list',
      'A proved change for a device whose anchor names no contract.',
      'PROOF_INVALID/change-nodes',
      [toThree],
      listless(three),
      {
        anchor: 'four',
      },
    ),
    bad(
      'a-proof-beside-votes',
      'Nodes beside the header of a vote, where headers list the validators.',
      'PROOF_INVALID/change-nodes',
      [[headerAt(200n, { set: four, vote, coinbase: at(four, 0).account }), ...stateOfFour.nodes.slice(0, 1)]],
      head({ set: three }),
      { anchor: 'four' },
    ),
    bad(
      'seven-sealed-by-three-of-them',
      'A change to seven of whom the old quorum is part, and a head of three.',
      'QUORUM',
      [to(seven, { sealers: quorum(four) })],
      listless(seven, seven.slice(0, 3)),
    ),
  ],
};

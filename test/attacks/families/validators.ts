import { encodeRlp, decodeRlp } from '../../../chain/light/rlp.ts';
import { accountsOf, four, HEIGHT, seven } from '../../support/test-bundles.ts';
import {
  createValidators,
  hashOf,
  plainHeader,
  replaceItem,
  sealAsQbft,
  type TestValidator,
} from '../../support/test-validators.ts';
import type { Draft, Family } from '../make/draft.ts';
import { at, head, headerAt, quorum, sorted, withHeader } from '../make/sealed.ts';
import { carriedVotes } from './carried-votes.ts';

const three = four.slice(0, 3);
const gone = at(four, 3);
const isOld = ({ account }: TestValidator) => accountsOf(four).includes(account);
const newcomers = createValidators(4, { from: 20 });
const grown = sorted([...four, ...newcomers.slice(0, 3)]);
const five = sorted([...four, at(newcomers, 0)]);
const proves = { height: '500' };

type Vote = {
  readonly set?: readonly TestValidator[];
  readonly sealers?: readonly TestValidator[];
  readonly on?: TestValidator;
  readonly adds?: boolean;
};

/** A header in which `voter` votes; to drop the fourth of four, unless said otherwise. */
function vote(
  height: bigint,
  voter: TestValidator,
  { set = four, sealers = quorum(set), on = gone, adds = false }: Vote = {},
) {
  return headerAt(height, { set, sealers, vote: { recipient: on.account, adds }, coinbase: voter.account });
}
const drop = (height: bigint, voter: number, rest: Vote = {}) => vote(height, at(four, voter), rest);
const add = (height: bigint, voter: number) => drop(height, voter, { on: at(newcomers, 0), adds: true });
const drops = [drop(200n, 0), drop(201n, 1), drop(205n, 2)];
const out = at(seven, 2);
const six = seven.filter((one) => one !== out);
const sevenVotes = [0, 1, 3, 4].map((voter, index) =>
  vote(300n + BigInt(index), at(seven, voter), { set: seven, on: out }),
);
const grownBy = (sealers: readonly TestValidator[]) => headerAt(200n, { set: grown, sealers });
const joint = [...three, ...grown.filter((one) => !isOld(one)).slice(0, 2)];

const good = (
  name: string,
  changes: readonly Uint8Array[],
  last: Uint8Array,
  anchor: 'four' | 'seven' = 'four',
): Draft => ({
  name,
  attack: 'None: the set of validators changed by the rules.',
  expect: 'ok',
  anchor,
  proves,
  bundle: withHeader(last, changes),
});
const bad = (
  name: string,
  attack: string,
  expect: string,
  changes: readonly Uint8Array[],
  last = head({ set: three }),
): Draft => ({
  name,
  attack,
  expect,
  bundle: withHeader(last, changes),
});

const contract = (sealers: readonly TestValidator[]) =>
  sealAsQbft(plainHeader({ height: 200n }), { validators: [], sealers, coinbase: at(four, 0).account });
const listless = (sealers: readonly TestValidator[]) => head({ set: [], sealers, coinbase: at(four, 0).account });
const anchored = (last: Uint8Array, rest: Record<string, unknown> = {}) => ({
  finality: { height: Number(HEIGHT), hash: hashOf(last), ...rest },
});
const own = head({ set: four });

/** Changes of the set of validators between the anchor and the head. */
export const validatorsFamily: Family = {
  family: 'validators',
  about: 'Changes of the set of validators since the anchor: by the old quorum among the seals, or by votes.',
  source: 'CometBFT: long-range attack by a former set of validators',
  drafts: [
    good('four-to-seven', [grownBy(joint)], head({ set: grown })),
    good('four-to-seven-in-the-head', [], head({ set: grown, sealers: joint })),
    good('four-to-three-by-all-three', [headerAt(200n, { set: three, sealers: three })], head({ set: three })),
    good('four-to-three-by-votes', drops, head({ set: three })),
    good('seven-to-six-by-votes', sevenVotes, head({ set: six }), 'seven'),
    good('four-to-five-by-votes', [add(300n, 0), add(301n, 1), add(302n, 2)], head({ set: five })),
    good(
      'two-changes-both-ways',
      [...drops, headerAt(300n, { set: sorted([...three, at(newcomers, 0)]), sealers: [...three] })],
      head({ set: sorted([...three, at(newcomers, 0)]) }),
    ),
    {
      ...good(
        'two-to-three-by-votes',
        [0, 1].map((voter, index) => {
          const set = four.slice(0, 2);
          return vote(300n + BigInt(index), at(four, voter), { set, on: at(four, 2), adds: true });
        }),
        head({ set: three, sealers: four.slice(1, 3) }),
      ),
      patch: { finality: { validators: accountsOf(four.slice(0, 2)) } },
    },
    good('set-from-a-contract', [], listless(three)),
    good(
      'votes-in-one-second',
      [
        drop(200n, 0),
        drop(201n, 1),
        sealAsQbft(plainHeader({ height: 202n, time: 1_700_000_201n }), {
          validators: accountsOf(four),
          sealers: three,
          vote: { recipient: gone.account, adds: false },
          coinbase: at(four, 2).account,
        }),
      ],
      head({ set: three }),
    ),
    { ...good('the-anchors-own-block', [], own), patch: anchored(own) },
    bad(
      'new-set-without-the-old-quorum',
      'A colluding half brings in three newcomers, who all seal.',
      'QUORUM',
      [grownBy([...four.slice(0, 2), ...grown.filter((one) => !isOld(one))])],
      head({ set: grown }),
    ),
    bad(
      'new-set-by-newcomers-alone',
      'Newcomers list the old set beside themselves and seal as a quorum of both.',
      'QUORUM',
      [headerAt(200n, { set: sorted([...four, ...newcomers]), sealers: [...newcomers, ...four.slice(0, 2)] })],
      head({ set: grown }),
    ),
    bad(
      'new-set-without-its-own-quorum',
      'The old quorum seals a set that has not agreed itself.',
      'QUORUM',
      [grownBy(four)],
      head({ set: grown }),
    ),
    bad(
      'new-set-sealed-by-one-it-dropped',
      'A validator that the new set dropped seals in the place of one that did not.',
      'PROOF_INVALID/seal-stranger',
      [headerAt(200n, { set: three, sealers: [...three.slice(0, 2), gone] })],
    ),
    bad('smaller-set-by-two', 'Two of four make themselves and a third the whole set.', 'QUORUM', [
      headerAt(200n, { set: three }),
    ]),
    bad(
      'head-of-a-set-nobody-vouched-for',
      'The change is left out; the head’s seals are the newcomers’ own.',
      'QUORUM',
      [],
      head({ set: grown, sealers: grown.filter((one) => !isOld(one) || one === at(four, 0) || one === at(four, 1)) }),
    ),
    bad(
      'old-set-after-it-was-replaced',
      'Whoever was voted out seals on, with two that stayed.',
      'PROOF_INVALID/seal-stranger',
      drops,
      head({ set: three, sealers: [at(four, 0), at(four, 1), gone] }),
    ),
    bad(
      'the-old-list-after-it-was-replaced',
      'A head that lists the set from before the change, sealed by one who stayed and the one who was dropped.',
      'QUORUM',
      drops,
      head({ set: four, sealers: [at(four, 0), gone] }),
    ),
    bad(
      'votes-of-half',
      'Two of four vote a third out; more than half must.',
      'PROOF_INVALID/change-idle',
      drops.slice(0, 2),
    ),
    {
      ...bad(
        'votes-of-three-of-seven',
        'Three of seven vote one out; four must.',
        'PROOF_INVALID/change-idle',
        sevenVotes.slice(1),
        head({ set: six }),
      ),
      anchor: 'seven',
    },
    bad('one-voter-twice', 'One validator votes twice.', 'PROOF_INVALID/vote-twice', [
      drop(200n, 0),
      drop(201n, 1),
      drop(202n, 1),
    ]),
    bad('one-header-twice', 'One vote is shown twice.', 'PROOF_INVALID/header-order', [
      drop(200n, 0),
      drop(201n, 1),
      drop(201n, 1),
    ]),
    bad('votes-out-of-order', 'The votes’ headers in another order.', 'PROOF_INVALID/header-order', [
      drop(201n, 0),
      drop(200n, 1),
      drop(202n, 2),
    ]),
    bad('vote-from-before-the-anchor', 'A vote that the anchor already knows of.', 'PROOF_INVALID/header-order', [
      drop(99n, 0),
      drop(201n, 1),
      drop(202n, 2),
    ]),
    bad('vote-in-the-anchors-block', 'A vote in the very block of the anchor.', 'PROOF_INVALID/header-order', [
      drop(100n, 0),
      drop(201n, 1),
      drop(202n, 2),
    ]),
    bad('votes-after-the-head', 'Votes from after the block that is proved.', 'PROOF_INVALID/header-order', [
      drop(HEIGHT - 1n, 0),
      drop(HEIGHT, 1),
      drop(HEIGHT + 1n, 2),
    ]),
    bad(
      'vote-in-the-head',
      'The deciding vote stands in the head, whose set it does not yet change.',
      'PROOF_INVALID/header-order',
      [drop(200n, 0), drop(201n, 1), drop(HEIGHT, 2)],
    ),
    bad('votes-on-different-things', 'Two votes on one validator and one on another.', 'PROOF_INVALID/change-idle', [
      drop(200n, 0),
      drop(201n, 1),
      drop(202n, 2, { on: at(four, 0) }),
    ]),
    bad('votes-to-add-and-to-drop', 'Votes to drop one and a vote to bring another in.', 'PROOF_INVALID/change-idle', [
      drop(200n, 0),
      drop(201n, 1),
      add(202n, 2),
    ]),
    bad('vote-to-add-a-member', 'A vote that would bring in who is there already.', 'PROOF_INVALID/vote-idle', [
      drop(200n, 0, { adds: true }),
    ]),
    bad('vote-to-drop-a-stranger', 'A vote that would put out who is not there.', 'PROOF_INVALID/vote-idle', [
      drop(200n, 0, { on: at(newcomers, 0) }),
    ]),
    bad(
      'vote-of-a-stranger',
      'A header that a stranger proposed, sealed by the quorum all the same.',
      'PROOF_INVALID/vote-stranger',
      [vote(200n, at(newcomers, 0))],
    ),
    bad('vote-of-one-voted-out', 'Whoever was voted out votes on.', 'PROOF_INVALID/vote-stranger', [
      ...drops,
      vote(300n, gone, { set: three, sealers: three, on: at(four, 2) }),
    ]),
    bad('vote-below-the-quorum', 'A vote in a header that two of four sealed.', 'QUORUM', [
      drop(200n, 0),
      drop(201n, 1, { sealers: four.slice(0, 2) }),
      drop(202n, 2),
    ]),
    bad('vote-not-sealed', 'A vote in a header that nobody sealed.', 'QUORUM', [
      drop(200n, 0),
      drop(201n, 1, { sealers: [] }),
      drop(202n, 2),
    ]),
    bad('vote-for-another-recipient', 'The recipient of a sealed vote is exchanged.', 'PROOF_INVALID/seal-stranger', [
      exchangeRecipient(drop(200n, 0)),
      drop(201n, 1),
      drop(202n, 2),
    ]),
    bad(
      'vote-by-another-proposer',
      'The proposer of a sealed vote is exchanged, so that one vote counts as another’s.',
      'PROOF_INVALID/seal-stranger',
      [
        drop(200n, 0),
        drop(201n, 1),
        encodeRlp(
          replaceItem(decodeRlp(drop(202n, 1)), { path: [2], by: Buffer.from(at(four, 2).account.slice(2), 'hex') }),
        ),
      ],
    ),
    {
      ...bad(
        'votes-of-two-epochs',
        'Votes from either side of an epoch’s end, at which outstanding votes lapse.',
        'PROOF_INVALID/vote-epoch',
        drops,
      ),
      patch: { finality: { epochLength: 202 } },
    },
    bad('header-without-a-vote', 'A header more on the way, with no vote.', 'PROOF_INVALID/change-idle', [
      headerAt(200n, { set: four }),
      ...[201n, 202n, 203n].map((height, index) => drop(height, index)),
    ]),
    bad('the-head-as-a-change', 'The head itself among the changes.', 'PROOF_INVALID/change-idle', [own], own),
    bad('a-vote-too-many', 'A vote more after the one that decided.', 'PROOF_INVALID/change-idle', [
      ...drops,
      vote(300n, at(four, 0), { set: three, on: at(four, 2) }),
    ]),
    good(
      'vote-from-before-a-change-of-the-set',
      [
        drop(200n, 0),
        drop(201n, 1),
        headerAt(202n, { set: five, sealers: [...three, at(newcomers, 0)] }),
        vote(203n, at(four, 2), { set: five, sealers: [...three, at(newcomers, 0)] }),
      ],
      head({ set: sorted([...three, at(newcomers, 0)]) }),
    ),
    {
      ...bad(
        'the-last-validator-voted-out',
        'A sole validator votes itself out; then anyone would be a quorum of none.',
        'PROOF_INVALID/vote-last',
        [vote(200n, at(four, 0), { set: four.slice(0, 1), on: at(four, 0) })],
        head({ set: four.slice(0, 1) }),
      ),
      patch: { finality: { validators: accountsOf(four.slice(0, 1)) } },
    },
    bad(
      'empty-list-and-no-quorum',
      'A header that lists nobody, as where a contract names the validators, sealed by two of four.',
      'QUORUM',
      [],
      listless(four.slice(0, 2)),
    ),
    bad(
      'empty-list-and-strangers',
      'A header that lists nobody, sealed by strangers.',
      'PROOF_INVALID/seal-stranger',
      [],
      listless(newcomers.slice(0, 3)),
    ),
    bad(
      'empty-list-among-the-changes',
      'A header that lists nobody and votes on nothing, as a change.',
      'PROOF_INVALID/change-idle',
      [contract(three)],
    ),
    bad('time-going-back', 'A change from long after the head.', 'PROOF_INVALID/header-time', [
      sealAsQbft(plainHeader({ height: 200n, time: 1_900_000_000n }), {
        validators: accountsOf(three),
        sealers: three,
      }),
    ]),
    bad('time-going-back-between-changes', 'A vote older than the one before it.', 'PROOF_INVALID/header-time', [
      drop(200n, 0),
      sealAsQbft(plainHeader({ height: 201n, time: 1_700_000_199n }), {
        validators: accountsOf(four),
        sealers: three,
        vote: { recipient: gone.account, adds: false },
        coinbase: at(four, 1).account,
      }),
      drop(202n, 2),
    ]),
    bad('a-garbled-change', 'A change that is no header.', 'PROOF_INVALID/rlp-list', [Uint8Array.of(0x80)]),
    bad('an-empty-change', 'A change of no bytes.', 'PROOF_INVALID/rlp-truncated', [new Uint8Array(0)]),
    {
      ...bad(
        'headers-before-the-anchors-block',
        'Headers that lead to the anchor’s own block.',
        'PROOF_INVALID',
        [headerAt(200n, { set: four })],
        own,
      ),
      patch: anchored(own),
    },
    {
      ...bad(
        'another-block-at-the-anchors-height',
        'Another block of the anchor’s height, sealed by the quorum.',
        'EQUIVOCATION',
        [],
        own,
      ),
      source: 'TUF: rollback',
      patch: anchored(own, { hash: `0x${'00'.repeat(32)}` }),
    },
    {
      ...bad('older-than-the-anchor', 'A block from before the anchor.', 'ROLLBACK', [], own),
      source: 'TUF: rollback',
      patch: anchored(own, { height: Number(HEIGHT) + 1 }),
    },
    {
      ...bad(
        'the-anchors-block-without-a-quorum',
        'The anchor’s own block with two seals.',
        'QUORUM',
        [],
        head({ set: four, sealers: four.slice(0, 2) }),
      ),
      patch: anchored(own),
    },
    ...carriedVotes,
  ],
};

function exchangeRecipient(header: Uint8Array): Uint8Array {
  const items = decodeRlp(header);
  if (items instanceof Uint8Array) throw new TypeError('no header');
  const extra = items[12];
  if (!(extra instanceof Uint8Array)) throw new TypeError('no extraData');
  const by = encodeRlp(
    replaceItem(decodeRlp(extra), { path: [2, 0], by: Buffer.from(at(four, 2).account.slice(2), 'hex') }),
  );
  return encodeRlp(replaceItem(items, { path: [12], by }));
}

import { seven } from '../../support/test-bundles.ts';
import { createValidators, type TestValidator } from '../../support/test-validators.ts';
import type { Draft } from '../make/draft.ts';
import { at, head, headerAt, quorum, sorted, withHeader } from '../make/sealed.ts';

const proves = { height: '500' };
const all = [0, 1, 2, 3, 4, 5, 6] as const;
const stranger = at(createValidators(1, { from: 20 }), 0);
const setOf = (members: readonly number[]) => sorted(members.map((index) => at(seven, index)));

interface Voted {
  readonly by: TestValidator | number;
  readonly on: number;
  readonly adds?: boolean;
}

const voteOf = ({ by, on, adds = false }: Voted) => ({
  vote: { recipient: at(seven, on).account, adds },
  coinbase: typeof by === 'number' ? at(seven, by).account : by.account,
});

/** A header that is there for its vote. */
function lone(height: bigint, set: readonly number[], voted: Voted): Uint8Array {
  return headerAt(height, { set: setOf(set), ...voteOf(voted) });
}

/** The first header of a set, which all of its members seal, and the vote that it happens to carry. */
function lists(height: bigint, set: readonly number[], voted?: Voted): Uint8Array {
  return headerAt(height, { set: setOf(set), sealers: setOf(set), ...(voted && voteOf(voted)) });
}

/** Headers one after another in which `voters` vote alike. */
function votes(
  from: bigint,
  voters: readonly number[],
  { set = all, on = 6 }: { readonly set?: readonly number[]; readonly on?: number } = {},
) {
  return voters.map((by, index) => lone(from + BigInt(index), set, { by, on }));
}

const headOf = (set: readonly number[]) => head({ set: setOf(set), sealers: quorum(setOf(set)) });
const draft = (
  expect: string,
  name: string,
  attack: string,
  changes: readonly Uint8Array[],
  last: Uint8Array,
): Draft => ({
  name,
  attack,
  expect,
  anchor: 'seven',
  bundle: withHeader(last, changes),
  ...(expect === 'ok' && { proves }),
});
const good = (name: string, what: string, changes: readonly Uint8Array[], last: readonly number[]) =>
  draft('ok', name, `None: ${what}`, changes, headOf(last));
const bad = (
  name: string,
  attack: string,
  check: string,
  changes: readonly Uint8Array[],
  last: readonly number[] | Uint8Array,
) => draft(`PROOF_INVALID/${check}`, name, attack, changes, last instanceof Uint8Array ? last : headOf(last));

const six = [0, 1, 2, 3, 4, 6];
const five = [0, 1, 2, 3, 6];
const four = [0, 1, 2, 6];
const three = [0, 1, 6];
const fifthOut = votes(210n, [0, 1, 2, 3], { on: 5 });
const listless = (height: bigint, by: number) =>
  headerAt(height, { set: [], sealers: seven.slice(0, 5), ...voteOf({ by, on: 6 }) });
/** Three sets one after another, each with a vote on the last member. */
const passing = [lists(200n, five, { by: 0, on: 6 }), lists(201n, four, { by: 1, on: 6 }), lists(202n, three)];
/** A header that comes for its set and carries a vote, and one that comes for taking that back. */
const takenBack = [lists(200n, five, { by: 0, on: 6 }), lone(201n, five, { by: 0, on: 6, adds: true })];

/** Votes that go on counting when something else was decided in between, and what must not come of them. */
export const carriedVotes: readonly Draft[] = [
  good(
    'votes-from-before-another-was-voted-out',
    'two votes on one, another voted out, two more on the first.',
    [...votes(200n, [0, 1]), ...fifthOut, ...votes(220n, [2, 3], { set: six })],
    [0, 1, 2, 3, 4],
  ),
  good(
    'votes-on-two-interleaved',
    'votes on two by turns.',
    [
      ...[0, 1, 2].flatMap((by) => [
        lone(200n + 2n * BigInt(by), all, { by, on: 6 }),
        lone(201n + 2n * BigInt(by), all, { by, on: 5 }),
      ]),
      lone(210n, all, { by: 3, on: 5 }),
      lone(211n, six, { by: 4, on: 6 }),
    ],
    [0, 1, 2, 3, 4],
  ),
  good(
    'vote-in-the-header-that-lists-a-set',
    'the first header of a smaller set carries the vote that decides.',
    [...votes(200n, [0, 1]), lists(210n, five, { by: 2, on: 6 })],
    [0, 1, 2, 3],
  ),
  good(
    'votes-carried-over-a-set-that-seals-prove',
    'members who stay keep their votes.',
    [...votes(200n, [0, 1]), lists(210n, five), lone(211n, five, { by: 2, on: 6 })],
    [0, 1, 2, 3],
  ),
  good(
    'second-vote-decides-where-the-set-shrank',
    'half votes, the set shrinks, and one of them votes again, which decides.',
    [
      lists(200n, five, { by: 0, on: 6 }),
      lone(201n, five, { by: 1, on: 6 }),
      lists(202n, four),
      lists(203n, three),
      lone(204n, three, { by: 0, on: 6 }),
    ],
    [0, 1],
  ),
  good(
    'more-votes-on-the-way-than-decide',
    'headers that come for their sets carry votes enough, and the next vote decides.',
    [...passing, lone(203n, three, { by: 6, on: 6 })],
    [0, 1],
  ),
  good(
    'vote-repeated-on-the-way',
    'two headers that come for their sets carry the same vote of one member.',
    [lists(200n, five, { by: 0, on: 6 }), lists(201n, four, { by: 0, on: 6 }), ...votes(202n, [1, 2], { set: four })],
    [0, 1, 2],
  ),
  good(
    'vote-on-the-way-of-one-removed',
    'a header that comes for its set carries a vote of one who is out soon after.',
    [lists(200n, five, { by: 3, on: 6 }), lists(201n, four)],
    four,
  ),
  good(
    'vote-on-the-way-of-a-stranger',
    'a header that comes for its set was proposed by nobody that it lists; its vote counts nothing.',
    [lists(200n, five, { by: stranger, on: 6 })],
    five,
  ),
  good(
    'taking-back-leaves-other-subjects',
    'what a member takes back is its vote on that one alone.',
    [
      lists(200n, [0, 1, 2, 5, 6], { by: 0, on: 6 }),
      lists(201n, [0, 1, 5, 6], { by: 0, on: 5, adds: true }),
      ...votes(202n, [1, 5], { set: [0, 1, 5, 6] }),
    ],
    [0, 1, 5],
  ),
  good(
    'taking-back-leaves-other-voters',
    'what a member takes back is its own vote alone.',
    [
      lists(200n, five, { by: 0, on: 6 }),
      lists(201n, four, { by: 2, on: 6, adds: true }),
      ...votes(202n, [1, 2], { set: four }),
    ],
    [0, 1, 2],
  ),
  good(
    'header-that-takes-a-vote-back',
    'a header comes for a member’s taking back a vote that was in a header that came anyway.',
    [...takenBack, ...votes(202n, [1, 2, 3], { set: five })],
    [0, 1, 2, 3],
  ),
  {
    ...good(
      'vote-on-the-way-lapses-with-its-epoch',
      'a header that comes for its set carries a vote of the epoch before.',
      [lists(200n, five, { by: 0, on: 6 }), ...votes(212n, [1, 2, 3], { set: five })],
      [0, 1, 2, 3],
    ),
    patch: { finality: { epochLength: 210 } },
  },
  good(
    'votes-left-out-and-the-seals-prove-the-set',
    'one voter took its vote back; the head lists the set as it is, and the seals prove that.',
    votes(200n, [0, 1, 2, 3]),
    all,
  ),
  draft(
    'ok',
    'set-that-a-header-listed-and-a-contract-kept',
    'None: votes, a header that lists the set with one more change, and a head that lists nobody.',
    [...votes(200n, [0, 1, 2, 3]), lists(210n, [0, 1, 2, 3])],
    head({ set: [], sealers: setOf([0, 1, 2]), coinbase: at(seven, 0).account }),
  ),
  draft(
    'ok',
    'sets-listed-without-votes-and-a-contract-after',
    'None: three sets one after another, in headers by three proposers, and a head that lists nobody.',
    [five, four, three].map((set, index) =>
      headerAt(200n + BigInt(index), {
        set: setOf(set),
        sealers: setOf(set),
        coinbase: at(seven, three[index] ?? 0).account,
      }),
    ),
    head({ set: [], sealers: setOf([0, 1]), coinbase: at(seven, 0).account }),
  ),
  bad(
    'one-voter-before-and-after-a-change',
    'One validator votes before another is voted out and again afterwards.',
    'vote-twice',
    [...votes(200n, [0, 1]), ...fifthOut, ...votes(220n, [0, 2], { set: six })],
    [0, 1, 2, 3, 4],
  ),
  bad(
    'one-voter-again-in-the-header-that-lists-a-set',
    'A vote is shown beside the same one in a header that comes anyway.',
    'vote-twice',
    [...votes(200n, [0]), lists(210n, five, { by: 0, on: 6 }), ...votes(211n, [1, 2], { set: five })],
    [0, 1, 2, 3],
  ),
  bad(
    'second-vote-that-decides-nothing',
    'A header comes for a vote that an earlier one carries already.',
    'vote-twice',
    [lists(200n, five, { by: 0, on: 6 }), ...votes(201n, [0, 1, 2], { set: five })],
    [0, 1, 2, 3],
  ),
  bad(
    'more-votes-than-decide',
    'Three votes, of which two are enough since the set shrank.',
    'vote-spare',
    [...votes(200n, [0, 1, 2]), lists(210n, five), lone(211n, five, { by: 3, on: 6 })],
    [0, 1, 2, 3],
  ),
  bad(
    'voter-voted-out-in-between',
    'A vote of one who is out by the time it would decide.',
    'change-idle',
    [...votes(200n, [5, 0]), ...fifthOut, ...votes(220n, [1, 2], { set: six })],
    [0, 1, 2, 3, 4],
  ),
  bad(
    'voter-left-in-between',
    'A vote of one whom the next set does not list.',
    'change-idle',
    [...votes(200n, [5, 0]), lists(210n, five), lone(211n, five, { by: 1, on: 6 })],
    [0, 1, 2, 3],
  ),
  bad(
    'vote-of-one-who-left-counted',
    'Votes of half, and one in an earlier header by one who left since.',
    'change-idle',
    [lists(200n, five, { by: 3, on: 6 }), lists(201n, four), ...votes(202n, [0, 1], { set: four })],
    [0, 1, 2],
  ),
  bad(
    'vote-of-one-voted-out-counted',
    'Votes of half, and one in an earlier header by one who was voted out since.',
    'change-idle',
    [
      lists(200n, five, { by: 3, on: 6 }),
      ...votes(201n, [0, 1, 2], { set: five, on: 3 }),
      ...votes(204n, [0, 1], { set: four }),
    ],
    [0, 1, 2],
  ),
  bad(
    'vote-from-before-its-subject-was-out',
    'A vote on one who was out and is in again, counted with two new ones.',
    'change-idle',
    [
      lists(200n, five, { by: 0, on: 6 }),
      lists(201n, [0, 1, 2, 3]),
      lists(202n, five),
      ...votes(203n, [1, 2], { set: five }),
    ],
    [0, 1, 2, 3],
  ),
  bad(
    'vote-taken-back',
    'A vote that its voter took back in a header on the way, counted with two others.',
    'change-idle',
    [
      lists(200n, five, { by: 0, on: 6 }),
      lists(201n, four, { by: 0, on: 6, adds: true }),
      ...votes(202n, [1, 2], { set: four }),
    ],
    [0, 1, 2],
  ),
  bad(
    'lone-vote-taken-back',
    'A header comes for a vote that a later one takes back.',
    'change-idle',
    [...votes(200n, [0]), lists(210n, five, { by: 0, on: 6, adds: true })],
    five,
  ),
  bad(
    'vote-counted-that-a-header-takes-back',
    'A vote, a header that takes it back, and two others that would be enough with it.',
    'change-idle',
    [...takenBack, ...votes(202n, [1, 2], { set: five })],
    [0, 1, 2, 3],
  ),
  bad(
    'lone-vote-and-its-taking-back',
    'A header comes for a vote, and another one for taking it back.',
    'change-idle',
    [...votes(200n, [0]), lone(201n, all, { by: 0, on: 6, adds: true })],
    all,
  ),
  bad(
    'taking-back-another-ones-vote',
    'A header comes for a vote that takes back what another member cast.',
    'vote-idle',
    [lists(200n, five, { by: 0, on: 6 }), lone(201n, five, { by: 1, on: 6, adds: true })],
    five,
  ),
  bad(
    'taking-back-a-vote-on-another',
    'A header comes for taking back what its voter cast on somebody else.',
    'vote-idle',
    [lists(200n, five, { by: 0, on: 6 }), lone(201n, five, { by: 0, on: 3, adds: true })],
    five,
  ),
  {
    ...bad(
      'taking-back-what-lapsed',
      'A header comes for taking back a vote of the epoch before.',
      'vote-idle',
      [lists(200n, five, { by: 0, on: 6 }), lone(210n, five, { by: 0, on: 6, adds: true })],
      five,
    ),
    patch: { finality: { epochLength: 210 } },
  },
  bad(
    'vote-for-what-seals-prove',
    'A header comes for a vote on one whom the next set leaves out anyway.',
    'change-idle',
    [...votes(200n, [0]), lists(210n, [0, 1, 2, 3, 4])],
    [0, 1, 2, 3, 4],
  ),
  bad(
    'vote-on-another-that-decides-nothing',
    'A header comes for a vote that decides nothing, among those that do.',
    'change-idle',
    [...votes(200n, [0]), ...fifthOut],
    six,
  ),
  {
    ...bad(
      'votes-of-two-epochs-across-a-change',
      'Votes from before another was voted out, which lapsed since.',
      'vote-epoch',
      [...votes(200n, [0, 1]), ...fifthOut, ...votes(220n, [2, 3], { set: six })],
      [0, 1, 2, 3, 4],
    ),
    patch: { finality: { epochLength: 220 } },
  },
  bad(
    'votes-for-a-set-that-no-header-lists',
    'A vote was taken back, which is left out; the head lists nobody.',
    'set-unlisted',
    votes(200n, [0, 1, 2, 3]),
    head({ set: [], sealers: setOf([0, 1, 2, 3]), coinbase: at(seven, 0).account }),
  ),
  draft(
    'QUORUM',
    'opposite-votes-left-out',
    'Votes were taken back, which is left out; the head lists the set as it is, sealed by too few of those whom votes left.',
    [
      ...votes(200n, [0, 1, 2, 3]),
      ...votes(210n, [0, 1, 2, 3], { set: [0, 1, 2, 3, 4, 5], on: 5 }),
      ...votes(220n, [0, 1, 2], { set: [0, 1, 2, 3, 4], on: 4 }),
    ],
    head({ set: seven, sealers: setOf([2, 3, 4, 5, 6]) }),
  ),
  bad(
    'votes-in-headers-that-list-nobody',
    'Votes in headers of which, as where a contract names the validators, no list would ever tell what came of them.',
    'change-idle',
    [0, 1, 2, 3].map((by) => listless(200n + BigInt(by), by)),
    [0, 1, 2, 3, 4, 5],
  ),
];

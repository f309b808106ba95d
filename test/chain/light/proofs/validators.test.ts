import { describe, expect, test } from 'vitest';
import { loadProofCrypto } from '../../../../chain/light/crypto/load-crypto.ts';
import type { Rlp } from '../../../../chain/light/rlp.ts';
import {
  accountsOf,
  baseHeader,
  bundleOf,
  four,
  HEIGHT,
  qbftAnchor,
  qbftBundle,
  seven,
  verdictOf,
} from '../../../support/test-bundles.ts';
import {
  createValidators,
  hashOf,
  plainHeader,
  sealAsQbft,
  type Sealing,
  type TestValidator,
} from '../../../support/test-validators.ts';

const crypto = await loadProofCrypto();
const quorum = (members: readonly TestValidator[]) => members.slice(0, Math.ceil((2 * members.length) / 3));
const sort = (members: readonly TestValidator[]) =>
  [...members].sort((one, other) => (one.account < other.account ? -1 : 1));
const at = (members: readonly TestValidator[], index: number): TestValidator => {
  const found = members[index];
  if (!found) throw new TypeError(`no validator ${index}`);
  return found;
};

/** A header at `height` that lists `set`, sealed by `sealers`. */
function header(
  height: bigint,
  {
    set,
    sealers = quorum(set),
    ...rest
  }: { set: readonly TestValidator[]; sealers?: readonly TestValidator[] } & Partial<Sealing>,
): Uint8Array {
  return sealAsQbft(plainHeader({ height }), { validators: accountsOf(set), sealers, ...rest });
}

/** The head (at HEIGHT) under `set`. */
function head(
  set: readonly TestValidator[],
  sealers: readonly TestValidator[] = quorum(set),
  change: Readonly<Record<number, Rlp>> = {},
): Uint8Array {
  return sealAsQbft(baseHeader, { validators: accountsOf(set), sealers }, change);
}

/** A header in which `voter` votes. */
function vote(
  height: bigint,
  {
    set,
    voter,
    on,
    adds,
    sealers = quorum(set),
  }: {
    set: readonly TestValidator[];
    voter: TestValidator;
    on: TestValidator;
    adds: boolean;
    sealers?: readonly TestValidator[];
  },
): Uint8Array {
  return header(height, { set, sealers, vote: { recipient: on.account, adds }, coinbase: voter.account });
}

function verdict(
  trusted: readonly TestValidator[],
  { changes = [], last }: { changes?: readonly Uint8Array[]; last: Uint8Array },
): string {
  const anchor = qbftAnchor(trusted);
  return verdictOf(bundleOf({ header: last, changes, note: undefined }, anchor), { anchor, crypto });
}

describe('a quorum of the trusted validators', () => {
  test.each([1, 2, 3, 4, 5, 6, 7])('is ceil(2N/3): of %i validators no fewer', (count) => {
    const members = seven.slice(0, count);
    const needed = Math.ceil((2 * count) / 3);
    expect(verdict(members, { last: head(members, members.slice(0, needed)) })).toBe('ok');
    expect(verdict(members, { last: head(members, members.slice(count - needed)) })).toBe('ok');
    expect(verdict(members, { last: head(members, members.slice(0, needed - 1)) })).toBe('QUORUM');
  });

  test('every subset below it is refused, every one from it on is not', () => {
    for (let subset = 0; subset < 16; subset++) {
      const sealers = four.filter((_, index) => (subset & (1 << index)) !== 0);
      expect(verdict(four, { last: head(four, sealers) })).toBe(sealers.length >= 3 ? 'ok' : 'QUORUM');
    }
  });

  test('is not made of strangers who list themselves', () => {
    // The set is taken from the anchor, never from the very header that it should vouch for.
    const strangers = createValidators(4, { from: 20 });
    expect(verdict(four, { last: head(strangers) })).toBe('QUORUM');
    expect(verdict(four, { last: head(four, strangers) })).toBe('PROOF_INVALID/seal-stranger');
  });

  test('may seal headers that list nobody, where a contract names them', () => {
    const listless = (sealers: readonly TestValidator[]) =>
      sealAsQbft(baseHeader, { validators: [], sealers, coinbase: at(four, 0).account });
    expect(verdict(four, { last: listless(quorum(four)) })).toBe('ok');
    expect(verdict(four, { last: listless(four.slice(0, 2)) })).toBe('QUORUM');
  });

  test('seals in any round', () => {
    const last = sealAsQbft(baseHeader, { validators: accountsOf(four), sealers: quorum(four), round: 300n });
    expect(verdict(four, { last })).toBe('ok');
  });
});

describe('a change of the set by the old quorum among the seals', () => {
  test('leads from four to seven', () => {
    const grown = sort([...four, ...seven.filter(({ account }) => !accountsOf(four).includes(account)).slice(0, 3)]);
    const old = four.slice(0, 3);
    const sealers = [...old, ...grown.filter((one) => !accountsOf(four).includes(one.account)).slice(0, 2)];
    const change = header(200n, { set: grown, sealers });
    expect(grown).toHaveLength(7);
    expect(verdict(four, { changes: [change], last: head(grown) })).toBe('ok');
    // The head may itself be the first to list the new set.
    expect(verdict(four, { last: head(grown, sealers) })).toBe('ok');
    // Without the change, the head's seals are those of a set that nobody vouched for.
    const newcomers = grown.filter((one) => !accountsOf(old).includes(one.account) || one === old[0]);
    expect(verdict(four, { last: head(grown, newcomers.slice(-5)) })).toBe('QUORUM');
  });

  test('needs the old quorum', () => {
    const grown = sort([...four, ...seven.filter(({ account }) => !accountsOf(four).includes(account)).slice(0, 3)]);
    const strangers = grown.filter((one) => !accountsOf(four).includes(one.account));
    const sealers = [...four.slice(0, 2), ...strangers];
    expect(verdict(four, { changes: [header(200n, { set: grown, sealers })], last: head(grown) })).toBe('QUORUM');
  });

  test('needs the new quorum too, and no other seals', () => {
    const shrunk = four.slice(0, 3);
    const grown = sort([...four, ...seven.filter(({ account }) => !accountsOf(four).includes(account)).slice(0, 3)]);
    expect(
      verdict(four, { changes: [header(200n, { set: grown, sealers: four.slice(0, 4) })], last: head(grown) }),
    ).toBe('QUORUM');
    expect(
      verdict(four, {
        changes: [header(200n, { set: shrunk, sealers: [...shrunk.slice(0, 2), at(four, 3)] })],
        last: head(shrunk),
      }),
    ).toBe('PROOF_INVALID/seal-stranger');
  });

  test('leads from four to three only with all three', () => {
    const shrunk = four.slice(0, 3);
    expect(verdict(four, { changes: [header(200n, { set: shrunk, sealers: shrunk })], last: head(shrunk) })).toBe('ok');
    // Besu stores exactly a quorum of seals, two of three: then votes must prove it.
    expect(verdict(four, { changes: [header(200n, { set: shrunk })], last: head(shrunk) })).toBe('QUORUM');
  });
});

describe('a change of the set by votes', () => {
  const gone = at(four, 3);
  const three = four.slice(0, 3);
  const drop = (
    height: bigint,
    voter: number,
    rest: { sealers?: readonly TestValidator[]; on?: TestValidator; adds?: boolean } = {},
  ) => vote(height, { set: four, voter: at(four, voter), on: gone, adds: false, ...rest });

  test('leads from four to three with exactly a quorum of seals', () => {
    expect(verdict(four, { changes: [drop(200n, 0), drop(201n, 1), drop(205n, 2)], last: head(three) })).toBe('ok');
  });

  test('leads from seven to six', () => {
    const out = at(seven, 2);
    const six = seven.filter((one) => one !== out);
    const votes = [0, 1, 3, 4].map((voter, index) =>
      vote(300n + BigInt(index), { set: seven, voter: at(seven, voter), on: out, adds: false }),
    );
    expect(verdict(seven, { changes: votes, last: head(six) })).toBe('ok');
    expect(verdict(seven, { changes: votes.slice(1), last: head(six) })).toBe('PROOF_INVALID/change-idle');
  });

  test('adds one, in its place', () => {
    const newcomer = at(
      seven.filter(({ account }) => !accountsOf(four).includes(account)),
      0,
    );
    const five = sort([...four, newcomer]);
    const votes = [0, 1, 2].map((voter, index) =>
      vote(300n + BigInt(index), { set: four, voter: at(four, voter), on: newcomer, adds: true }),
    );
    expect(verdict(four, { changes: votes, last: head(five) })).toBe('ok');
    const twice = vote(400n, { set: five, voter: at(five, 0), on: newcomer, adds: true });
    expect(verdict(four, { changes: [...votes, twice], last: head(five) })).toBe('PROOF_INVALID/vote-idle');
  });

  test('leads on from set to set, by both ways', () => {
    const two = three.slice(0, 2);
    const next = [0, 1].map((voter, index) =>
      vote(300n + BigInt(index), {
        set: three,
        voter: at(three, voter),
        on: at(three, 2),
        adds: false,
        sealers: three.slice(0, 2),
      }),
    );
    const votes = [drop(200n, 0), drop(201n, 1), drop(205n, 2)];
    expect(verdict(four, { changes: [...votes, ...next], last: head(two) })).toBe('ok');
    const grown = sort([...three, ...seven.filter(({ account }) => !accountsOf(four).includes(account)).slice(0, 2)]);
    const joint = header(300n, {
      set: grown,
      sealers: [...three, ...grown.filter((one) => !accountsOf(three).includes(one.account)).slice(0, 1)],
    });
    expect(verdict(four, { changes: [...votes, joint], last: head(grown) })).toBe('ok');
  });

  test.each<[string, readonly Uint8Array[], string]>([
    ['half of the set', [drop(200n, 0), drop(201n, 1)], 'PROOF_INVALID/change-idle'],
    ['one voter twice', [drop(200n, 0), drop(201n, 1), drop(202n, 1)], 'PROOF_INVALID/vote-twice'],
    ['one header twice', [drop(200n, 0), drop(201n, 1), drop(201n, 1)], 'PROOF_INVALID/header-order'],
    ['headers in another order', [drop(201n, 0), drop(200n, 1), drop(202n, 2)], 'PROOF_INVALID/header-order'],
    ['headers from before the anchor', [drop(99n, 0), drop(201n, 1), drop(202n, 2)], 'PROOF_INVALID/header-order'],
    ['a header of the anchor’s height', [drop(100n, 0), drop(201n, 1), drop(202n, 2)], 'PROOF_INVALID/header-order'],
    [
      'headers from after the head',
      [drop(HEIGHT - 1n, 0), drop(HEIGHT, 1), drop(HEIGHT + 1n, 2)],
      'PROOF_INVALID/header-order',
    ],
    [
      'a vote on another',
      [drop(200n, 0), drop(201n, 1), drop(202n, 2, { on: at(four, 0) })],
      'PROOF_INVALID/change-idle',
    ],
    ['a vote that adds a member', [drop(200n, 0, { adds: true })], 'PROOF_INVALID/vote-idle'],
    [
      'a vote below the quorum of seals',
      [drop(200n, 0), drop(201n, 1, { sealers: four.slice(0, 2) }), drop(202n, 2)],
      'QUORUM',
    ],
    [
      'a header without a vote',
      [header(200n, { set: four }), drop(201n, 0), drop(202n, 1), drop(203n, 2)],
      'PROOF_INVALID/change-idle',
    ],
    [
      'a stranger’s vote',
      [
        vote(200n, {
          set: four,
          voter: at(
            seven.filter(({ account }) => !accountsOf(four).includes(account)),
            0,
          ),
          on: gone,
          adds: false,
        }),
      ],
      'PROOF_INVALID/vote-stranger',
    ],
  ])('is not made by %s', (_, changes, expected) => {
    expect(verdict(four, { changes, last: head(three) })).toBe(expected);
  });

  test('is not made by votes of two epochs: outstanding votes lapse', () => {
    const anchor = { ...qbftAnchor(four), finality: { ...qbftAnchor(four).finality, epochLength: 202 } };
    const changes = [drop(200n, 0), drop(201n, 1), drop(205n, 2)];
    const bundle = bundleOf({ header: head(three), changes, note: undefined }, anchor);
    expect(verdictOf(bundle, { anchor, crypto })).toBe('PROOF_INVALID/vote-epoch');
  });

  test('does not end the set', () => {
    const [only] = four;
    if (!only) throw new TypeError('no validator');
    const change = vote(200n, { set: [only], voter: only, on: only, adds: false });
    expect(verdict([only], { changes: [change], last: head([only]) })).toBe('PROOF_INVALID/vote-last');
  });

  test('a set that lost its quorum can’t go on by itself', () => {
    expect(verdict(four, { last: head(three.slice(0, 2)) })).toBe('QUORUM');
  });
});

describe('headers in time', () => {
  test('do not go back', () => {
    const late = sealAsQbft(plainHeader({ height: 200n, time: 1_900_000_000n }), {
      validators: accountsOf(four.slice(0, 3)),
      sealers: four.slice(0, 3),
    });
    expect(verdict(four, { changes: [late], last: head(four.slice(0, 3)) })).toBe('PROOF_INVALID/header-time');
  });

  test('at the anchor’s own height, the anchor’s block alone counts and nothing leads to it', () => {
    const last = head(four);
    const anchor = qbftAnchor(four);
    const finality = { ...anchor.finality, height: Number(HEIGHT), hash: hashOf(last) };
    const own = { ...anchor, finality };
    const open = (changes: readonly Uint8Array[], trusted = own) =>
      verdictOf(bundleOf({ header: last, changes, note: undefined }, trusted), { anchor: trusted, crypto });
    expect(open([])).toBe('ok');
    expect(open([header(200n, { set: four })])).toMatch(/^PROOF_INVALID/);
    expect(open([], { ...own, finality: { ...finality, hash: `0x${'00'.repeat(32)}` } })).toBe('EQUIVOCATION');
    expect(open([], { ...own, finality: { ...finality, height: Number(HEIGHT) + 1 } })).toBe('ROLLBACK');
  });

  test('a sample of each size opens', () => {
    expect(verdictOf(qbftBundle(four), { anchor: qbftAnchor(four), crypto })).toBe('ok');
    expect(verdictOf(qbftBundle(seven), { anchor: qbftAnchor(seven), crypto })).toBe('ok');
  });
});

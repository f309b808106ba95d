import { describe, expect, test } from 'vitest';
import { loadProofCrypto } from '../../../../chain/light/crypto/load-crypto.ts';
import { findChanges } from '../../../../chain/light/make/find-changes.ts';
import { parseHeader, type Header } from '../../../../chain/light/qbft/header.ts';
import { hasCode } from '../../../../core/errors.ts';
import {
  accountsOf,
  baseHeader,
  bundleOf,
  HEIGHT,
  qbftAnchor,
  seven,
  verdictOf,
} from '../../../support/test-bundles.ts';
import { plainHeader, sealAsQbft, type TestValidator } from '../../../support/test-validators.ts';

const crypto = await loadProofCrypto();
const all = seven;
const without = (set: readonly TestValidator[], index: number) => set.filter((_, at) => at !== index);

/** Who seals from which height on, who seals what with how many, and who votes on what. */
interface Plan {
  readonly from: bigint;
  readonly set: readonly TestValidator[];
  /** How many seals the first header of the set stores. */
  readonly firstSeals?: number;
}

/** A chain of headers as Besu stores them: votes just before each change, exactly a quorum of seals. */
function chainOf(plans: readonly Plan[], { votes = true } = {}) {
  const asked: bigint[] = [];
  const sealed = new Map<bigint, Promise<Header>>();
  const headerAt = (height: bigint): Promise<Header> => {
    asked.push(height);
    const found = sealed.get(height) ?? seal(height);
    sealed.set(height, found);
    return found;
  };
  const seal = (height: bigint): Promise<Header> => {
    const plan = plans.findLast(({ from }) => from <= height);
    const next = plans.find(({ from }) => from > height);
    if (!plan) throw new TypeError('before the anchor');
    const { set } = plan;
    const needed = Math.ceil((2 * set.length) / 3);
    const count = height === plan.from ? (plan.firstSeals ?? needed) : needed;
    const changed = next && changeOf(set, next.set);
    const voter = next ? Number(next.from - height) - 1 : -1;
    const isVote = votes && changed !== undefined && voter >= 0 && voter < set.length / 2 + 1;
    const raw = sealAsQbft(height === HEIGHT ? baseHeader : plainHeader({ height }), {
      validators: accountsOf(set),
      sealers: set.slice(0, count),
      ...(isVote ? { vote: changed, coinbase: set[voter]?.account } : {}),
    } as Parameters<typeof sealAsQbft>[1]);
    return Promise.resolve(parseHeader(raw));
  };
  return { headerAt, asked };
}

const accountAt = (index: bigint) => `0x${index.toString(16).padStart(40, '0')}` as const;

/** A header that nobody sealed, of a chain of sets that never come back: {1}, {1, 2}, {2}, {2, 3} and so on, three blocks each. */
function inventedAt(height: bigint): Promise<Header> {
  const setAt = (turn: bigint) => (turn % 2n === 0n ? [turn / 2n] : [turn / 2n, turn / 2n + 1n]).map(accountAt);
  const turn = height / 3n;
  const [set, next] = [setAt(turn), setAt(turn + 1n)];
  const adds = next.length > set.length;
  const recipient = (adds ? next.at(-1) : set[0]) ?? accountAt(0n);
  const vote = { recipient, adds };
  const coinbase = set[Number(height % 2n)] ?? set[0];
  const raw = sealAsQbft(plainHeader({ height }), {
    validators: set,
    sealers: [],
    vote,
    ...(coinbase && { coinbase }),
  });
  return Promise.resolve(parseHeader(raw));
}

function changeOf(from: readonly TestValidator[], to: readonly TestValidator[]) {
  const added = to.find((one) => !from.includes(one));
  const gone = from.find((one) => !to.includes(one));
  const recipient = added ?? gone;
  return recipient && { recipient: recipient.account, adds: added !== undefined };
}

async function bundleFor(plans: readonly Plan[], options: { votes?: boolean } = {}) {
  const [first] = plans;
  const anchor = qbftAnchor(first?.set ?? []);
  const { headerAt, asked } = chainOf(plans, options);
  const head = await headerAt(HEIGHT);
  const changes = await findChanges(head, { finality: anchor.finality, headerAt, crypto });
  const bundle = bundleOf({ header: head.raw, changes, note: undefined }, anchor);
  return { changes, verdict: verdictOf(bundle, { anchor, crypto }), asked };
}

describe('the headers that lead from the anchor to the head', () => {
  test('are none where the set is the same', async () => {
    expect(await bundleFor([{ from: 0n, set: all }])).toMatchObject({ changes: [], verdict: 'ok' });
  });

  test('are votes where Besu stores exactly a quorum of seals: seven to six', async () => {
    const { changes, verdict } = await bundleFor([
      { from: 0n, set: all },
      { from: 300n, set: without(all, 6) },
    ]);
    expect({ count: changes.length, verdict }).toEqual({ count: 4, verdict: 'ok' });
  });

  test('are votes of four to three, then of three to four', async () => {
    const four = all.slice(0, 4);
    const { verdict } = await bundleFor([
      { from: 0n, set: four },
      { from: 200n, set: without(four, 0) },
      { from: 400n, set: four },
    ]);
    expect(verdict).toBe('ok');
  });

  test('are the first header of a set that the old quorum sealed too', async () => {
    const { changes, verdict, asked } = await bundleFor([
      { from: 0n, set: all.slice(0, 6) },
      { from: 300n, set: all },
    ]);
    expect({ count: changes.length, verdict }).toEqual({ count: 1, verdict: 'ok' });
    expect(asked.length).toBeLessThan(20);
  });

  test('are not looked for beyond what a device takes, in a node that makes them up', async () => {
    const { finality } = qbftAnchor(all.slice(0, 1));
    const head = await inventedAt(3_000n);
    const asking = findChanges(head, {
      finality: { ...finality, height: 102, validators: [accountAt(17n)], epochLength: 1_000_000 },
      headerAt: inventedAt,
      crypto,
    });
    await expect(asking).rejects.toMatchObject({
      code: 'NOT_PROVED',
      message: expect.stringContaining('1024') as string,
    });
  });

  test('may be the head itself', async () => {
    const { changes, verdict } = await bundleFor([
      { from: 0n, set: all.slice(0, 6) },
      { from: HEIGHT, set: all },
    ]);
    expect({ changes, verdict }).toEqual({ changes: [], verdict: 'ok' });
  });

  test('can’t be had where the chain holds no proof', async () => {
    const error: unknown = await bundleFor(
      [
        { from: 0n, set: all },
        { from: 300n, set: without(all, 6) },
      ],
      { votes: false },
    ).catch((reason: unknown) => reason);
    expect(hasCode(error, 'NOT_PROVED')).toBe(true);
  });
});

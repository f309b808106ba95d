import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findChanges } from '../../../../chain/light/make/find-changes.ts';
import { scanChanges } from '../../../../chain/light/make/scan-changes.ts';
import { parseHeader, type Header } from '../../../../chain/light/qbft/header.ts';
import { verifyQbft } from '../../../../chain/light/qbft/verify-qbft.ts';
import { decodeRlp, encodeRlp, rlpBytes, rlpList } from '../../../../chain/light/rlp.ts';
import type { Account } from '../../../../core/account.ts';
import { hasCode } from '../../../../core/errors.ts';
import { quorumOf } from '../../../../core/state/quorum.ts';
import { replaceItem } from '../../../support/test-validators.ts';
import { crypto, everybody, finalityOf, headerIn, headerOf, historyArbitrary, play } from './play-votes.ts';

/** Whom a block lists, who proposed it, and whether that one votes on the last of them: to take the vote back where it adds. */
type Block = readonly [digits: string, by?: number, adds?: boolean];

const subject = everybody[6] ?? '0x';
const membersOf = (digits: string): readonly Account[] =>
  everybody.filter((_, member) => digits.includes(String(member)));
const heightsOf = (changes: readonly Uint8Array[]) => changes.map((raw) => Number(parseHeader(raw).height));

function blockOf(height: number, [digits, by, adds = false]: Block, from = 0): Header {
  const set = membersOf(digits);
  const cast = by === undefined ? undefined : { recipient: subject, adds };
  const seals = from === 0 ? set.length : quorumOf(set.length);
  return headerOf(BigInt(height), { set, from, voter: everybody[by ?? 0] ?? '0x', cast, seals });
}

/** What is found of blocks from the first on, and which of them were asked for. */
async function foundIn(
  headers: readonly Header[],
  {
    epochLength = 1_000,
    find = findChanges,
  }: { readonly epochLength?: number; readonly find?: typeof findChanges } = {},
) {
  const finality = finalityOf({ validators: everybody.slice(0, 7), epochLength });
  const head = headers.at(-1);
  if (!head) throw new TypeError('no head');
  const asked = new Set<bigint>();
  const headerAt = (height: bigint) => {
    asked.add(height);
    const header = headers[Number(height) - 1];
    return header ? Promise.resolve(header) : Promise.reject(new TypeError(`no block ${height}`));
  };
  const changes = await find(head, { finality, headerAt, crypto });
  return { heights: heightsOf(changes), members: verifyQbft({ changes, head }, { finality, crypto }).members, asked };
}

/** The header with as many seals as there is room for, which nobody looks at where it lists the trusted set. */
function bloated({ raw }: Header): Header {
  const items = rlpList(decodeRlp(raw));
  const seals = Array.from({ length: 128 }, () => new Uint8Array(65));
  const extra = encodeRlp(replaceItem(decodeRlp(rlpBytes(items[12])), { path: [4], by: seals }));
  return parseHeader(encodeRlp(replaceItem(items, { path: [12], by: extra })));
}

function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

describe('votes that were taken back', () => {
  test('lead to every block of a chain, where every header is read', async () => {
    await fc.assert(
      fc.asyncProperty(historyArbitrary, async (history) => {
        const chain = play(history);
        const { finality } = chain;
        const headerAt = (height: bigint) => Promise.resolve(headerIn(chain, Number(height)));
        for (const height of [10, 20, history.turns.length]) {
          const head = headerIn(chain, height);
          const changes = await scanChanges(head, { finality, headerAt, crypto });
          expect(verifyQbft({ changes, head }, { finality, crypto }).members).toBe(
            chain.tallies[height - 1]?.validators.length,
          );
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  test('are shown where they would count on: the header that came for its set, and the one that takes its vote back', async () => {
    const blocks: readonly Block[] = [['01236', 0], ['01236', 0, true], ['0126', 1], ['016', 1], ['016']];
    // Without the second, the fourth would leave 0 and 1 alone, who did not both seal the fifth.
    const headers = blocks.map((block, index) => blockOf(index + 1, block, index === 4 ? 1 : 0));
    expect(await foundIn(headers)).toMatchObject({ heights: [1, 2, 3, 4], members: 3 });
  });

  test('cost no more headers than the epochs in which the set changed have', async () => {
    const quiet = (digits: string, length: number): readonly Block[] => Array.from({ length }, () => [digits]);
    const blocks = [...quiet('0123456', 402), ['0123456', 0] as const, ...quiet('01236', 400)];
    const headers = blocks.map((block, index) => blockOf(index + 1, block));
    const { heights, asked } = await foundIn(headers, { epochLength: 20, find: scanChanges });
    expect(heights).toEqual([404]);
    expect(asked.size).toBeLessThan(60);
  });

  test('are not made up: a set that neither votes nor seals give is not proved', async () => {
    const blocks: readonly Block[] = [['0123456', 0], ['0123456', 1], ['0123456', 1, true], ['0123456', 2], ['012345']];
    const headers = blocks.map((block, index) => blockOf(index + 1, block, index === 4 ? 4 : 0));
    const error: unknown = await foundIn(headers).catch((reason: unknown) => reason);
    expect(hasCode(error, 'NOT_PROVED')).toBe(true);
  });

  test('take little memory where a node makes up a header with another vote for each block of an epoch', async () => {
    const set = everybody.slice(0, 4);
    const last = 2_000;
    let used: number | undefined;
    const headerAt = (height: bigint): Promise<Header> => {
      if (height === BigInt(last)) used = memoryInUse() - before;
      const recipient: Account = `0x${height.toString(16).padStart(40, 'f')}`;
      return Promise.resolve(
        bloated(headerOf(height, { set, from: 0, voter: set[0] ?? '0x', cast: { recipient, adds: true } })),
      );
    };
    const finality = finalityOf({ validators: set, epochLength: 30_000 });
    const head = headerOf(BigInt(last) + 1n, { set: set.slice(1), from: 0, voter: set[1] ?? '0x', cast: undefined });
    const before = memoryInUse();
    const error: unknown = await scanChanges(head, { finality, headerAt, crypto }).catch((reason: unknown) => reason);
    expect(hasCode(error, 'NOT_PROVED')).toBe(true);
    // All of their headers were 58 MB.
    expect(used).toBeLessThan(10e6);
  });

  test.each([
    ['searched', findChanges],
    ['read whole', scanChanges],
  ])('give no more headers than a device takes, the chain being %s', async (_, find) => {
    const everyone = Array.from({ length: 1_040 }, (_, at): Account => `0x${(at + 1).toString(16).padStart(40, '0')}`);
    const chainOf = (changes: number) =>
      Array.from({ length: changes + 2 }, (_, height) => {
        const set = everyone.slice(Math.min(height, changes)).slice(0, 7);
        return headerOf(BigInt(height), { set, from: 0, seals: 6, voter: set[0] ?? '0x', cast: undefined });
      });
    const found = (headers: readonly Header[]) => {
      const finality = finalityOf({ validators: everyone.slice(0, 7), epochLength: 30_000 });
      const headerAt = (height: bigint) => Promise.resolve(headers[Number(height)] ?? expect.fail());
      return find(headers.at(-1) ?? expect.fail(), { finality, headerAt, crypto });
    };
    expect(await found(chainOf(1_024))).toHaveLength(1_024);
    await expect(found(chainOf(1_025))).rejects.toMatchObject({ code: 'NOT_PROVED' });
  });
});

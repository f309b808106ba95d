import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findChanges } from '../../../../chain/light/make/find-changes.ts';
import { scanChanges } from '../../../../chain/light/make/scan-changes.ts';
import { parseHeader, type Header } from '../../../../chain/light/qbft/header.ts';
import { verifyQbft } from '../../../../chain/light/qbft/verify-qbft.ts';
import type { Account } from '../../../../core/account.ts';
import { hasCode } from '../../../../core/errors.ts';
import { quorumOf } from '../../../../core/state/quorum.ts';
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
});

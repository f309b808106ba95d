import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findChanges } from '../../../../chain/light/make/find-changes.ts';
import { beginTrust } from '../../../../chain/light/qbft/begin-trust.ts';
import { parseQbftExtra } from '../../../../chain/light/qbft/extra-data.ts';
import { followChange, followHead } from '../../../../chain/light/qbft/follow-validators.ts';
import { parseHeader } from '../../../../chain/light/qbft/header.ts';
import type { QbftHeader } from '../../../../chain/light/qbft/recover-sealers.ts';
import { addPassingVote, lapseBallots, type Polling } from '../../../../chain/light/qbft/tally-votes.ts';
import { verifyQbft } from '../../../../chain/light/qbft/verify-qbft.ts';
import type { Account } from '../../../../core/account.ts';
import { hasCode } from '../../../../core/errors.ts';
import { quorumOf } from '../../../../core/state/quorum.ts';
import { modelVotes } from './model-votes.ts';
import { crypto, everybody, finalityOf, headerIn, headerOf, historyArbitrary, play, type Chain } from './play-votes.ts';

const sealedAt = (chain: Chain, height: number): QbftHeader => {
  const header = headerIn(chain, height);
  return { header, extra: parseQbftExtra(header.extraData) };
};

function castIn(chain: Chain, height: number) {
  const { header, extra } = sealedAt(chain, height);
  return extra.vote && { ...extra.vote, voter: header.coinbase };
}

/** Whether votes on one come before and after votes on another. */
function isInterleaved(recipients: readonly (Account | undefined)[]): boolean {
  return recipients.some((one, index) => {
    const other = recipients.findIndex((next, place) => place > index && next !== one);
    return one !== undefined && other > 0 && recipients.lastIndexOf(one) > other;
  });
}

/** What `work` gives; undefined where it refuses a proof. */
function unlessRefused<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (hasCode(error, 'PROOF_INVALID', 'QUORUM')) return undefined;
    throw error;
  }
}

describe('votes that go on counting across changes of the set', () => {
  test('are tallied as the chain does, where all of them are shown', () => {
    fc.assert(
      fc.property(historyArbitrary, (history) => {
        const chain = play(history);
        let polling: Polling = { validators: chain.finality.validators, ballots: [] };
        const model = modelVotes(polling.validators, history.epochLength);
        history.turns.forEach((_, index) => {
          const height = index + 1;
          const cast = castIn(chain, height);
          const epoch = BigInt(Math.floor(height / history.epochLength));
          const { validators } = polling;
          polling = { validators, ballots: lapseBallots(polling.ballots, epoch) };
          if (cast) polling = addPassingVote(polling, { ...cast, epoch, isLone: false });
          model.take(height, cast);
          const ballots = polling.ballots.map(({ voter, recipient, adds }) => `${voter} ${recipient} ${adds}`).sort();
          expect({ validators: polling.validators, ballots }).toEqual(model.tally());
        });
      }),
    );
  });

  test('lead to every block of a chain', async () => {
    let carried = 0;
    await fc.assert(
      fc.asyncProperty(historyArbitrary, async (history) => {
        const chain = play(history);
        const { finality } = chain;
        for (const height of [10, 20, history.turns.length]) {
          const head = headerIn(chain, height);
          const headerAt = (one: bigint) => Promise.resolve(headerIn(chain, Number(one)));
          const changes = await findChanges(head, { finality, headerAt, crypto });
          expect(verifyQbft({ changes, head }, { finality, crypto }).members).toBe(
            chain.tallies[height - 1]?.validators.length,
          );
          const heights = changes.map((raw) => Number(parseHeader(raw).height));
          carried += Number(isInterleaved(heights.map((one) => castIn(chain, one)?.recipient)));
        }
      }),
      { numRuns: 300 },
    );
    expect(carried).toBeGreaterThan(10);
  }, 120_000);

  test.each<[string, readonly [set: string, voter?: number][], readonly number[]]>([
    [
      'one that stands in the first header of a set',
      [['0123456', 0], ['0123456', 1], ['01236', 2], ['0123']],
      [1, 2, 3],
    ],
    [
      'a second one of the same voter, where the set shrank',
      [['012346', 0], ['012346', 1], ['012346', 2], ['01236'], ['0126'], ['0126', 0], ['012']],
      [1, 2, 3, 4, 5, 6],
    ],
    [
      'those of a set that came and went in between',
      [['0123456', 0], ['012345678', 1], ['0123456'], ['0123456', 2], ['0123456', 3], ['012345']],
      [1, 2, 3, 4, 5],
    ],
  ])('are found, each once: %s', async (_, blocks, expected) => {
    const validators = everybody.slice(0, 7);
    const headers = blocks.map(([digits, by], index) => {
      const set = everybody.filter((_, member) => digits.includes(String(member)));
      const cast = by === undefined ? undefined : { recipient: everybody[6] ?? '0x', adds: false };
      const last = index === blocks.length - 1;
      const seals = last ? quorumOf(set.length) : set.length;
      return headerOf(BigInt(index + 1), { set, from: 0, voter: everybody[by ?? 0] ?? '0x', cast, seals });
    });
    const finality = finalityOf({ validators, epochLength: 1_000 });
    const head = headers.at(-1);
    if (!head) throw new TypeError('no head');
    const headerAt = (height: bigint) => {
      const header = headers[Number(height) - 1];
      return header ? Promise.resolve(header) : Promise.reject(new TypeError(`no block ${height}`));
    };
    const changes = await findChanges(head, { finality, headerAt, crypto });
    expect(changes.map((raw) => Number(parseHeader(raw).height))).toEqual(expected);
    expect(verifyQbft({ changes, head }, { finality, crypto }).head).toBe(head);
  });

  test('prove no set that never was, whichever of them are left out', () => {
    const shown = fc.array(fc.boolean(), { minLength: 45, maxLength: 45 });
    let proved = 0;
    fc.assert(
      fc.property(historyArbitrary, shown, (history, isShown) => {
        const chain = play(history);
        const { finality } = chain;
        const deps = { crypto, epochLength: BigInt(finality.epochLength), contract: undefined };
        let trusted = beginTrust(finality);
        // What would be refused where it stands is left out as well: nearly any other choice ends there.
        for (let one = 1; one < history.turns.length; one++) {
          if (isShown[one])
            trusted = unlessRefused(() => followChange(trusted, headerIn(chain, one).raw, deps)) ?? trusted;
          const found = unlessRefused(() => followHead(trusted, sealedAt(chain, one + 1), deps));
          if (found) expect(found.validators).toEqual(chain.tallies[one]?.validators);
          if (found && trusted.height > 0n) proved += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(proved).toBeGreaterThan(5);
  }, 120_000);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import { decideRollout, type RolloutQuestion, type VersionRef } from '../../../core/rollout/decide-rollout.ts';
import { rolloutPhases } from '../../../core/rollout/order.ts';
import { walletOf } from '../../platform/wallets.ts';
import { orderOf } from '../support/rollout.ts';

const canary = walletOf(1).account;
const other = walletOf(7).account;
const one: VersionRef = { version: 1n, digest: digestOf(Buffer.from('one')) };
const two: VersionRef = { version: 2n, digest: digestOf(Buffer.from('two')) };
const forged: VersionRef = { version: 1n, digest: digestOf(Buffer.from('forged')) };
const three: VersionRef = { version: 3n, digest: digestOf(Buffer.from('three')) };

function decide(rest: Partial<RolloutQuestion> = {}) {
  return decideRollout({
    order: orderOf(),
    account: canary,
    head: two,
    committed: one,
    fallback: undefined,
    isPermitted: true,
    hasFailed: false,
    hasReturned: false,
    isHalted: false,
    ...rest,
  });
}

const onProbation = { committed: two, fallback: one };
const hold = { kind: 'hold' };
const go = { kind: 'none' };
const back = (reason: string) => ({ kind: 'return', reason });

describe('decideRollout', () => {
  test.each<readonly [string, Partial<RolloutQuestion>, object]>([
    ['a canary tries', {}, { kind: 'try' }],
    ['another device holds', { account: other }, hold],
    ['a canary holds while it is paused', { order: orderOf({ phase: 'paused' }) }, hold],
    ['a canary on probation goes on while it is paused', { ...onProbation, order: orderOf({ phase: 'paused' }) }, hold],
    ['all install what is promoted', { account: other, order: orderOf({ phase: 'promoted' }) }, go],
    [
      'nobody goes back from what is promoted',
      { ...onProbation, hasFailed: true, order: orderOf({ phase: 'promoted' }) },
      go,
    ],
    ['a failed canary goes back', { ...onProbation, hasFailed: true }, back('failed')],
    ['a canary goes back once enough failed', { ...onProbation, isHalted: true }, back('threshold')],
    [
      'a canary goes back when it is aborted',
      { ...onProbation, order: orderOf({ phase: 'aborted' }) },
      back('aborted'),
    ],
    ['a canary that has not begun holds once enough failed', { isHalted: true }, hold],
    ['another device holds when it is aborted', { account: other, order: orderOf({ phase: 'aborted' }) }, hold],
    ['who went back holds', { hasReturned: true }, hold],
    ['nothing to go back to: it stays', { committed: two, hasFailed: true }, hold],
    ['what it kept is not what the order names: it stays', { committed: two, fallback: forged, hasFailed: true }, hold],
    ['its author may no longer: it stays', { ...onProbation, hasFailed: true, isPermitted: false }, hold],
    [
      'its author may no longer: aborting does nothing',
      { ...onProbation, order: orderOf({ phase: 'aborted' }), isPermitted: false },
      hold,
    ],
    ['its author may no longer: no canary starts', { isPermitted: false }, hold],
    ['a newer version on the ledger ends it', { ...onProbation, head: three, hasFailed: true }, go],
    ['its version is not on the ledger yet', { head: one }, go],
    ['another document of that version', { head: { ...two, digest: forged.digest } }, go],
    ['nothing on the ledger', { head: undefined }, go],
  ])('%s', (_, question, stance) => {
    expect(decide(question)).toEqual(stance);
  });

  test('goes back only from the version of a permitted order to the one that it names, whatever else holds', () => {
    const ref = fc.constantFrom(undefined, one, two, three, forged);
    fc.assert(
      fc.property(
        fc.record({
          account: fc.constantFrom(canary, other),
          head: ref,
          committed: ref,
          fallback: ref,
          isPermitted: fc.boolean(),
          hasFailed: fc.boolean(),
          hasReturned: fc.boolean(),
          isHalted: fc.boolean(),
        }),
        fc.constantFrom(...rolloutPhases),
        (facts, phase) => {
          const stance = decideRollout({ ...facts, order: orderOf({ phase }) });
          if (stance.kind === 'return') {
            expect(facts).toMatchObject({ head: two, committed: two, fallback: one, isPermitted: true });
            expect(phase).not.toBe('promoted');
            expect(facts.hasFailed || facts.isHalted || phase === 'aborted').toBe(true);
          }
          if (stance.kind === 'try') {
            expect(facts).toMatchObject({ head: two, isPermitted: true, account: canary });
            expect(phase).toBe('canary');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

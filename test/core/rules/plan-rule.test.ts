import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Truth } from '../../../core/rules/evaluate-condition.ts';
import { neverHeld, planRule, type RuleTiming } from '../../../core/rules/plan-rule.ts';

const once: RuleTiming = { forMs: 0, repeatMs: undefined, cooldownMs: 0 };

/** When a rule fires that is looked at every second. */
function firings(truths: readonly Truth[], timing: RuleTiming): readonly number[] {
  let standing = neverHeld;
  return truths.flatMap((truth, second) => {
    const planned = planRule(standing, { truth, timing, nowMs: second * 1000 });
    standing = planned.standing;
    return planned.fires ? [second] : [];
  });
}

const [T, F, U] = [true, false, undefined];

describe('planRule', () => {
  test.each<readonly [string, readonly Truth[], Partial<RuleTiming>, readonly number[]]>([
    ['once each time that it begins to hold', [F, T, T, F, T, T], {}, [1, 4]],
    ['not again after a sensor was away', [T, U, U, T, F, T], {}, [0, 5]],
    ['never while it is unknown', [U, U, F, U], {}, []],
    ['only after it held long enough', [T, T, F, T, T, T, T], { forMs: 2000 }, [5]],
    ['an unknown moment breaks the wait', [T, T, U, T, T, T], { forMs: 2000 }, [5]],
    ['again and again where it says so', [T, T, T, T, T, F, T], { repeatMs: 2000 }, [0, 2, 4, 6]],
    ['late rather than sooner than the cooldown', [T, F, T, T, T, F, T], { cooldownMs: 4000 }, [0, 4]],
  ])('fires %s', (_, truths, timing, expected) => {
    expect(firings(truths, { ...once, ...timing })).toEqual(expected);
  });

  test('without durations it fires exactly at each rise', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Truth>(true, false, undefined)), (truths) => {
        const known = truths.map((truth, index) => ({ truth, index })).filter(({ truth }) => truth !== undefined);
        const rises = known.filter(({ truth }, place) => truth === true && known[place - 1]?.truth !== true);
        expect(firings(truths, once)).toEqual(rises.map(({ index }) => index));
      }),
    );
  });

  test('one that fired before a restart, whenever that was, does not fire again', () => {
    const before = { ...neverHeld, hasFired: true };
    expect(planRule(before, { truth: true, timing: once, nowMs: 0 }).fires).toBe(false);
  });

  test('two firings are never closer than the cooldown, whatever else is asked', () => {
    const seconds = fc.integer({ min: 0, max: 5 }).map((count) => count * 1000);
    const timing = fc.record({ forMs: seconds, repeatMs: fc.option(seconds, { nil: undefined }), cooldownMs: seconds });
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Truth>(true, true, false, undefined)), timing, (truths, asked) => {
        const fired = firings(truths, asked);
        for (const [place, second] of fired.entries()) {
          expect(truths[second]).toBe(true);
          const before = fired[place - 1];
          if (before !== undefined) expect((second - before) * 1000).toBeGreaterThanOrEqual(asked.cooldownMs);
        }
      }),
    );
  });
});

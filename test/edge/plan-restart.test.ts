import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resource } from '../core/support/samples.ts';
import { planRestart, STEADY_AFTER_MS, waitMs } from '../../edge/plan-restart.ts';
import { planRetry, type FailureQuestion } from '../../edge/plan-retry.ts';
import { DewproofError } from '../../core/errors.ts';

const { restart } = resource().spec;
const HOUR_MS = 3_600_000;

describe('planRestart', () => {
  test('follows the policy', () => {
    const question = { errors: 1, restarts: [], nowMs: 0, random: () => 0.5 };
    expect(planRestart({ ...question, restart: { policy: 'never', maxPerHour: 5 } })).toEqual({ stay: 'errored' });
    expect(planRestart({ ...question, restart: { policy: 'always', maxPerHour: 0 } })).toEqual({ stay: 'errored' });
    expect(planRestart({ ...question, restart })).toEqual({ restartAtMs: 1000 });
    expect(planRestart({ ...question, restart, errors: 3 })).toEqual({ stay: 'broken' });
  });

  test('never restarts more often in an hour than the document allows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: HOUR_MS / 2 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (pauses, maxPerHour, chance) => {
          let nowMs = 0;
          const restarts: number[] = [];
          for (const pauseMs of pauses) {
            nowMs += pauseMs;
            const question = { restart: { ...restart, maxPerHour }, errors: 1, restarts, nowMs, random: () => chance };
            const plan = planRestart(question);
            if (!('restartAtMs' in plan)) throw new Error('it is to be restarted');
            nowMs = plan.restartAtMs;
            restarts.push(nowMs);
          }
          for (const from of restarts) {
            const within = restarts.filter((at) => at >= from && at < from + HOUR_MS);
            expect(within.length).toBeLessThanOrEqual(maxPerHour);
          }
        },
      ),
    );
  });

  test('waits with full jitter and never longer than a minute', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, chance) => {
        const wait = waitMs({ failures, random: () => chance });
        expect(wait).toBeLessThanOrEqual(60_000);
        expect(wait).toBeLessThanOrEqual(1000 * 2 ** failures);
        expect(waitMs({ failures, random: () => 0 })).toBe(0);
      }),
    );
  });
});

describe('planRetry', () => {
  const slot = { phase: 'running', attempts: 0, errors: 0, restarts: [], runningSinceMs: 0 } as const;
  const plan = (of: Partial<FailureQuestion>) =>
    planRetry({ slot, isCommitted: true, restart, error: new Error('fell over'), nowMs: 1000, random: () => 0, ...of });

  test('counts errors in a row, and begins anew after a steady run', () => {
    expect(plan({ slot: { ...slot, errors: 1 } })).toMatchObject({ phase: 'idle', errors: 2 });
    expect(plan({ slot: { ...slot, errors: 2 } })).toMatchObject({ phase: 'broken', errors: 3, retryAtMs: Infinity });
    const steady = plan({ slot: { ...slot, errors: 2 }, nowMs: STEADY_AFTER_MS + 1 });
    expect(steady).toMatchObject({ phase: 'idle', errors: 1 });
  });

  test('tries without end what is no error of its own', () => {
    const lack = new DewproofError('DEW_UNAVAILABLE', 'is away');
    expect(plan({ error: lack, slot: { ...slot, errors: 2, attempts: 50 } })).toMatchObject({
      phase: 'idle',
      errors: 2,
    });
    expect(plan({ slot: { ...slot, phase: 'preparing', errors: 2 } })).toMatchObject({ phase: 'idle', errors: 2 });
  });

  test('tries a version that never ran three times, also where the policy says never', () => {
    const never = { policy: 'never', maxPerHour: 5 } as const;
    const starting = { ...slot, phase: 'starting' } as const;
    expect(plan({ slot: starting, isCommitted: false, restart: never })).toMatchObject({ phase: 'idle', errors: 1 });
    expect(plan({ slot: { ...starting, errors: 2 }, isCommitted: false, restart: never })).toMatchObject({
      phase: 'broken',
    });
  });
});

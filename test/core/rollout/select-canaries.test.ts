import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Account } from '../../../core/account.ts';
import { selectCanaries } from '../../../core/rollout/select-canaries.ts';

const account = (index: number): Account => `0x${index.toString(16).padStart(40, '0')}`;
const many = Array.from({ length: 1000 }, (_, index) => account(index));
const seed = 'ab'.repeat(32);

describe('selectCanaries', () => {
  test.each([
    [1, 4, 1],
    [10, 4, 1],
    [25, 4, 1],
    [26, 4, 2],
    [50, 5, 3],
    [10, 100, 10],
    [100, 7, 7],
    [10, 1000, 100],
  ])('takes %i %% of %i devices: %i', (percent, of, count) => {
    expect(selectCanaries({ seed, share: { percent }, devices: many.slice(0, of) })).toHaveLength(count);
  });

  test('takes a number of devices, and all where there are fewer', () => {
    expect(selectCanaries({ seed, share: { devices: 3 }, devices: many })).toHaveLength(3);
    expect(selectCanaries({ seed, share: { devices: 3 }, devices: many.slice(0, 2) })).toEqual(many.slice(0, 2));
  });

  test('answers the same for the same devices in any order and however often they are named', () => {
    const anyDevices = fc.uniqueArray(fc.nat(5000).map(account), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(anyDevices, fc.integer({ min: 1, max: 100 }), fc.nat(1000), (devices, percent, mix) => {
        const share = { percent };
        const shuffled = [...devices, ...devices.slice(0, 3)].toSorted(
          (a, b) => (Number(BigInt(a) * 7919n) % (mix + 1)) - (Number(BigInt(b) * 7919n) % (mix + 1)),
        );
        const chosen = selectCanaries({ seed, share, devices });
        expect(selectCanaries({ seed, share, devices: shuffled })).toEqual(chosen);
        expect(chosen.length).toBe(Math.ceil((devices.length * percent) / 100));
        expect(devices).toEqual(expect.arrayContaining([...chosen]));
      }),
    );
  });

  test('keeps those chosen when the share grows: nobody starts twice', () => {
    const few = selectCanaries({ seed, share: { percent: 10 }, devices: many });
    const more = selectCanaries({ seed, share: { percent: 30 }, devices: many });
    expect(more).toEqual(expect.arrayContaining([...few]));
  });

  test('chooses others by another seed', () => {
    const other = selectCanaries({ seed: 'cd'.repeat(32), share: { percent: 10 }, devices: many });
    expect(other).not.toEqual(selectCanaries({ seed, share: { percent: 10 }, devices: many }));
  });

  // Anyone can recompute it, also in another language: sort by the hex of SHA-256("<seed>/<account>").
  test('is what its definition says for a vector', () => {
    expect(selectCanaries({ seed: '00'.repeat(32), share: { devices: 2 }, devices: many.slice(0, 5) })).toEqual([
      account(0),
      account(2),
    ]);
  });
});

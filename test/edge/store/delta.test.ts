import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyDelta } from '../../../edge/store/apply-delta.ts';
import { makeDelta } from '../../../edge/store/make-delta.ts';
import { bytesOf } from './support/related-bytes.ts';

const numRuns = 300;
const bytes = fc.uint8Array({ maxLength: 400 });
// Repeats, so that runs are short, long, moved and many.
const repetitive = fc.array(fc.constantFrom(0, 1), { maxLength: 400 }).map((all) => Uint8Array.from(all));
const pieces = fc.array(
  fc.oneof(
    bytes,
    repetitive,
    fc.nat(5).map((seed) => bytesOf(seed)),
  ),
  { maxLength: 8 },
);
const whole = pieces.map((all) => new Uint8Array(Buffer.concat(all)));

describe('what bytes differ in from others', () => {
  test('gives them back, whatever both hold', () => {
    fc.assert(
      fc.property(whole, whole, (value, base) => {
        const delta = makeDelta({ value, base, maxBytes: Infinity });
        expect(delta && applyDelta({ delta, base })).toEqual(value);
      }),
      { numRuns },
    );
  });

  test('takes no more bytes than it may', () => {
    fc.assert(
      fc.property(whole, whole, fc.nat(3_000), (value, base, maxBytes) => {
        const delta = makeDelta({ value, base, maxBytes });
        expect(delta?.length ?? 0).toBeLessThanOrEqual(maxBytes);
        if (delta !== undefined) expect(applyDelta({ delta, base })).toEqual(value);
      }),
      { numRuns },
    );
  });

  test('is little where little differs, wherever that is', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(99_999), added: bytes }), { maxLength: 5 }), (changes) => {
        const base = bytesOf(7, { length: 100_000 });
        let value: Uint8Array = base;
        for (const { at, added } of changes) {
          value = new Uint8Array(Buffer.concat([value.subarray(0, at), added, value.subarray(at + 40)]));
        }
        const added = changes.reduce((sum, change) => sum + change.added.length, 0);
        // Around each change less than two windows are told again.
        const maxBytes = added + 28 + changes.length * (12 + 2 * 32);
        expect(makeDelta({ value, base, maxBytes })).toBeDefined();
      }),
      { numRuns: 50 },
    );
  });

  test('that decayed, or of another base, gives nothing or other bytes, and never more than 8 MiB', () => {
    const value = whole.chain((base) =>
      fc.record({ base: fc.constant(base), delta: fc.uint8Array({ maxLength: 80 }) }),
    );
    fc.assert(
      fc.property(value, (one) => {
        expect(applyDelta(one)?.length ?? 0).toBeLessThanOrEqual(8_388_608);
      }),
      { numRuns },
    );
    const base = bytesOf(1, { length: 100_000 });
    const copies = Buffer.alloc(4 + 100 * 12);
    copies.writeUInt32BE(10_000_000);
    for (let at = 4; at < copies.length; at += 12) copies.writeUInt32BE(100_000, at + 8);
    expect(applyDelta({ delta: copies, base })).toBeUndefined();
    const delta = makeDelta({ value: base, base, maxBytes: 100 }) ?? copies;
    expect(applyDelta({ delta, base: base.subarray(1) })).toBeUndefined();
    expect(applyDelta({ delta: delta.subarray(0, 20), base })).toBeUndefined();
    expect(applyDelta({ delta: delta.subarray(0, 4), base })).toBeUndefined();
  });
});

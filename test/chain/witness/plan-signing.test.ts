import { describe, expect, test } from 'vitest';
import { planSigning } from '../../../chain/witness/plan-signing.ts';
import { createTestChain, hashOf, START } from '../../support/witness-world.ts';

const chain = createTestChain();
chain.mine(20);
const block = (height: number) => {
  const found = chain.blocks[height];
  if (!found) throw new TypeError('no such block');
  return found;
};
const signed = { ...block(10), signedAt: START };
const other = { ...block(10), hash: hashOf('other') };

const rows = [
  { when: 'nothing was signed', signed: undefined, at: undefined, blocks: [10], plan: 'sign' },
  { when: 'nothing was signed and nothing is deep enough', signed: undefined, at: undefined, blocks: [], plan: 'wait' },
  { when: 'blocks stand on the signed one', signed, at: block(10), blocks: [11, 12], plan: 'sign' },
  { when: 'there is a gap above what was signed', signed, at: block(10), blocks: [15, 16], plan: 'sign' },
  { when: 'nothing is new', signed, at: block(10), blocks: [], plan: 'wait' },
  { when: 'the chain is shorter than what was signed', signed, at: undefined, blocks: [], plan: 'behind' },
  { when: 'the chain is shorter and has blocks all the same', signed, at: undefined, blocks: [9], plan: 'behind' },
  { when: 'the signed block is gone', signed, at: other, blocks: [11], plan: 'contradiction' },
  { when: 'the same height comes again', signed, at: block(10), blocks: [10], plan: 'changed' },
  { when: 'a lower height comes', signed, at: block(10), blocks: [9], plan: 'changed' },
  { when: 'heights are left out between', signed, at: block(10), blocks: [11, 13], plan: 'changed' },
  { when: 'the answer is about another height', signed, at: block(9), blocks: [11], plan: 'changed' },
] as const;

describe('what a witness may sign', () => {
  test.each(rows)('$plan where $when', ({ signed: last, at, blocks, plan }) => {
    const reading = { atSigned: at, blocks: blocks.map((height) => block(height)) };
    expect(planSigning({ signed: last, reading, now: START, resignAfterSeconds: 10n }).kind).toBe(plan);
  });

  test('changed where a child has another parent than the signed block', () => {
    const reading = { atSigned: block(10), blocks: [{ ...block(11), parentHash: hashOf('other') }] };
    expect(planSigning({ signed, reading, now: START, resignAfterSeconds: 10n }).kind).toBe('changed');
  });

  test.each([
    { later: 9n, plan: 'wait' },
    { later: 10n, plan: 'sign' },
    { later: -1n, plan: 'sign' },
  ])('an idle head $later s later: $plan', ({ later, plan }) => {
    const reading = { atSigned: block(10), blocks: [] };
    const planned = planSigning({ signed, reading, now: START + later, resignAfterSeconds: 10n });
    expect(planned.kind).toBe(plan);
    if (planned.kind === 'sign') {
      expect(planned.heads).toEqual([
        { height: 10n, hash: signed.hash, parentHash: signed.parentHash, signedAt: START + later },
      ]);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventBatch, LedgerChange } from '../../../core/ledger/events.ts';
import { reduceBatch } from '../../../core/ledger/reduce.ts';
import { emptyLedgerState, type LedgerState } from '../../../core/ledger/state.ts';
import { codeOf } from '../support/code-of.ts';
import { scripts } from '../support/commands.ts';
import { answer } from '../support/play.ts';
import { after, ALICE, batchOf, blockAt, tenant } from '../support/tenant.ts';

const change: LedgerChange = { type: 'approval-threshold-changed', threshold: 3 };
const at5 = reduceBatch(emptyLedgerState, batchOf(5n, [change]));

/** A batch up to block 9 whose events stand at the given places. */
function eventsAt(...places: readonly (readonly [bigint, number])[]): EventBatch {
  const { hash: transaction, time } = blockAt(9n);
  const events = places.map(([height, index]) => ({ ...change, at: { height, index, time, transaction } }));
  return { block: blockAt(9n), events };
}

describe('reduceBatch', () => {
  test('takes a new head with nothing of ours', () => {
    const next = reduceBatch(at5, batchOf(6n, []));
    expect(next).toEqual({ ...at5, block: blockAt(6n) });
    expect(next.devices).toBe(at5.devices);
  });

  test('refuses another block at the height that it stands at', () => {
    const forged = { ...batchOf(5n, []), block: { ...blockAt(5n), hash: blockAt(6n).hash } };
    expect(codeOf(() => reduceBatch(at5, forged))).toBe('EQUIVOCATION');
  });

  test('refuses the same block again, and one before it', () => {
    expect(codeOf(() => reduceBatch(at5, batchOf(5n, [])))).toBe('INTERNAL');
    expect(codeOf(() => reduceBatch(at5, batchOf(4n, [])))).toBe('INTERNAL');
  });

  test.each([
    ['in order', undefined, eventsAt([6n, 0], [6n, 1], [8n, 0], [9n, 7])],
    ['of a block reduced before', 'INTERNAL', eventsAt([5n, 0])],
    ['of an earlier block', 'INTERNAL', eventsAt([3n, 0])],
    ['beyond the batch', 'INTERNAL', eventsAt([10n, 0])],
    ['twice', 'INTERNAL', eventsAt([6n, 1], [6n, 1])],
    ['falling within a block', 'INTERNAL', eventsAt([6n, 1], [6n, 0])],
    ['falling between blocks', 'INTERNAL', eventsAt([7n, 0], [6n, 1])],
  ])('events %s: %s', (_, code, batch) => {
    expect(codeOf(() => reduceBatch(at5, batch))).toBe(code);
  });

  test('passes over changes of what it does not know', () => {
    const unknown: LedgerChange[] = [
      { type: 'device-status-changed', account: ALICE, status: 'retired' },
      { type: 'member-removed', role: blockAt(1n).hash, account: ALICE },
      { type: 'grant-revoked', resource: blockAt(1n).hash, subject: blockAt(1n).hash },
    ];
    expect({ ...after(at5, unknown), block: at5.block }).toEqual(at5);
  });

  test('never writes to the state it began with', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        let state = tenant(1);
        for (const step of script) {
          const before = structuredClone(state);
          const next = after(state, answer(state, step));
          expect(state).toEqual(before);
          state = next;
        }
      }),
    );
  });

  test('gives one batch the same state as many', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const start = tenant(1);
        let stepwise = start;
        const all: LedgerChange[] = [];
        for (const step of script) {
          const changes = answer(stepwise, step);
          all.push(...changes);
          stepwise = after(stepwise, changes);
        }
        // Blocks and the times of receipts differ, as they should; nothing else may.
        const comparable = (state: LedgerState) => ({
          ...state,
          block: undefined,
          anchored: [...state.anchored].map(([root, { device }]) => [root, device]),
        });
        expect(comparable(after(start, all))).toEqual(comparable(stepwise));
      }),
    );
  });
});

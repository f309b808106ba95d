import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reduceBatch } from '../../core/ledger/reduce.ts';
import { emptyLedgerState } from '../../core/ledger/state.ts';
import { stepArbitrary } from './command-arbitrary.ts';
import { readBatchesOf } from './read-ledger.ts';
import { runSteps } from './run-steps.ts';
import { testCommands } from './suite-commands.ts';
import { testEvents } from './suite-events.ts';
import { testRules } from './suite-rules.ts';
import type { LedgerFactory } from './test-tenant.ts';
import { useTenant } from './use-tenant.ts';

/**
 * The published contract of the `Ledger` port, as vitest tests: whatever passes it, Dewproof runs on. It branches on
 * `ledger.supports` alone, never on a name. `runs` random sequences of commands are compared with core's own rules.
 */
export function testLedger(
  name: string,
  { factory, runs = 10 }: { readonly factory: LedgerFactory; readonly runs?: number },
): void {
  describe(`ledger: ${name}`, () => {
    testCommands(factory);
    testRules(factory);
    testEvents(factory);
    testAgainstCore(factory, runs);
  });
}

function testAgainstCore(factory: LedgerFactory, runs: number): void {
  describe('any sequence of commands', () => {
    const use = useTenant(factory);
    test('has the codes and events that core decides, and the state that they reduce to', async () => {
      const { accounts } = await use();
      const property = fc.asyncProperty(
        fc.array(stepArbitrary(accounts), { minLength: 20, maxLength: 40 }),
        fc.integer({ min: 0, max: 2 }),
        async (steps, approvalThreshold) => {
          const tenant = await use({ approvalThreshold });
          const state = await runSteps(tenant, steps);
          const reader = await tenant.openLedger();
          const afresh = (await readBatchesOf(reader)).reduce(reduceBatch, emptyLedgerState);
          await reader.close();
          expect(afresh).toEqual(state);
        },
      );
      await fc.assert(property, { numRuns: runs, endOnFailure: true });
    });
  });
}

import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './test/support/patience.ts';

const ledgers = ['test/contracts/**/*.test.ts', 'test/chain/evm/**/*.test.ts'];
const processes = ['test/e2e/**/*.test.ts'];
// What `expect.poll` waits where a test says nothing else; vitest's own second is short where many tests share few cores.
const patient = { poll: { timeout: PATIENCE_MS, interval: 20 } };

// Fast tests first: `unit` needs no process of its own, `chain` starts development nodes, `e2e` starts whole sites.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...ledgers, ...processes],
          testTimeout: 2 * PATIENCE_MS,
          hookTimeout: 2 * PATIENCE_MS,
          expect: patient,
          // Whole edges and dews wait for each other: half of the time nobody works.
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: 'chain',
          include: ledgers,
          testTimeout: 3 * PATIENCE_MS,
          hookTimeout: 3 * PATIENCE_MS,
          expect: patient,
          maxWorkers: 2,
        },
      },
      {
        // Sites wait more than they work: three at once, however many cores there are.
        test: {
          name: 'e2e',
          include: processes,
          testTimeout: 300_000,
          hookTimeout: 600_000,
          expect: patient,
          maxWorkers: 3,
        },
      },
    ],
  },
});

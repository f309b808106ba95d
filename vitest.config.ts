import { defineConfig } from 'vitest/config';

const ledgers = ['test/contracts/**/*.test.ts', 'test/chain/evm/**/*.test.ts'];
const processes = ['test/e2e/**/*.test.ts'];

// Fast tests first: `unit` needs no process of its own, `chain` starts development nodes, `e2e` starts whole sites.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...ledgers, ...processes],
          testTimeout: 20_000,
          // Whole edges and dews wait for each other: half of the time nobody works.
          maxWorkers: 4,
        },
      },
      {
        test: { name: 'chain', include: ledgers, testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 2 },
      },
      {
        // Sites wait more than they work: three at once, however many cores there are.
        test: { name: 'e2e', include: processes, testTimeout: 180_000, hookTimeout: 360_000, maxWorkers: 3 },
      },
    ],
  },
});

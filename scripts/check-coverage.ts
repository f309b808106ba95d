// Exits 1 unless the Solidity tests reach every line of every contract:
// `npx hardhat test solidity --coverage && node scripts/check-coverage.ts`.
// Hardhat counts a line as reached only where every statement on it was, so full lines are full statements.
// The run leaves instrumented artifacts behind; `npm run generate` compiles afresh.
import { readFile, readdir } from 'node:fs/promises';

const root = new URL('../', import.meta.url);

/** Lines that were not reached, by file, of an lcov report (`SF:<file>`, `DA:<line>,<hits>`). */
function missesOf(report: string): ReadonlyMap<string, readonly string[]> {
  const misses = new Map<string, string[]>();
  let lines: string[] = [];
  for (const row of report.split('\n')) {
    const [, tag, value = ''] = /^(SF|DA):(.*)$/.exec(row.trim()) ?? [];
    if (tag === 'SF') misses.set(value, (lines = []));
    if (tag === 'DA' && value.endsWith(',0')) lines.push(value.slice(0, -2));
  }
  return misses;
}

async function contractFiles(): Promise<readonly string[]> {
  const entries = await readdir(new URL('contracts/', root), { withFileTypes: true });
  return entries.filter(({ name }) => name.endsWith('.sol')).map(({ name }) => `contracts/${name}`);
}

const misses = missesOf(await readFile(new URL('coverage/lcov.info', root), 'utf8'));
for (const file of await contractFiles()) {
  const lines = misses.get(file);
  if (lines?.length === 0) continue;
  const what = lines ? `not reached by the Solidity tests: line ${lines.join(', ')}` : 'not in the coverage report';
  console.error(`${file}: ${what}; add a test or delete the code.`);
  process.exitCode = 1;
}

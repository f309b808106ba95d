// `npm test`: everything that must pass, fast things first; ends with vitest's own summary.
import { spawnSync } from 'node:child_process';

const steps: readonly (readonly [string, ...string[]])[] = [
  ['tsc', '--noEmit'],
  ['hardhat', 'test', 'solidity'],
  ['vitest', 'run'],
];

for (const [command, ...args] of steps) {
  process.stderr.write(`\n> ${[command, ...args].join(' ')}\n`);
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

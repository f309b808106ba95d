// `npm test`: everything that must pass, fast things first; the last line sums up what all runners counted.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const folder = mkdtempSync(join(tmpdir(), 'dewproof-test-'));
const vitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  success: z.boolean(),
});

const steps: readonly (() => Promise<Counts>)[] = [
  () => runPlain('tsc', ['--noEmit']),
  () => runVitest('unit'),
  () => runSolidity(),
  () => runVitest('chain'),
  () => runVitest('e2e'),
];

let total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const step of steps) {
  const counts = await step();
  total = {
    passed: total.passed + counts.passed,
    failed: total.failed + counts.failed,
    skipped: total.skipped + counts.skipped,
  };
  if (total.failed > 0) break;
}
rmSync(folder, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runVitest(project: string): Promise<Counts> {
  const file = join(folder, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { exitCode } = await run('vitest', ['run', '--project', project, ...reporters]);
  const report = vitestReport.parse(JSON.parse(readFileSync(file, 'utf8')));
  const failed = Math.max(report.numFailedTests, exitCode === 0 && report.success ? 0 : 1);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests };
}

async function runSolidity(): Promise<Counts> {
  const { exitCode, output } = await run('hardhat', ['test', 'solidity']);
  const count = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  const passed = count(/(\d+) passing/);
  return { passed, failed: Math.max(count(/(\d+) failing/), exitCode === 0 && passed > 0 ? 0 : 1), skipped: 0 };
}

/** A check without tests of its own counts nothing where it passes. */
async function runPlain(command: string, args: readonly string[]): Promise<Counts> {
  const { exitCode } = await run(command, args);
  return { passed: 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
}

async function run(command: string, args: readonly string[]): Promise<{ exitCode: number | null; output: string }> {
  console.log(`\n> ${[command, ...args].join(' ')}`);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], shell: process.platform === 'win32' });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    output += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, output });
    });
  });
}

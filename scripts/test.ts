// `npm test`: everything that must pass, fast things first. What fails does not keep the rest from running, and is named
// again at the end; the last line sums up what all runners counted.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, a line each. */
  readonly failures: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), 'dewproof-test-'));
const vitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

type VitestFile = z.infer<typeof vitestReport>['testResults'][number];

const steps: readonly (() => Promise<Counts>)[] = [
  () => runPlain('tsc', ['--noEmit']),
  () => runVitest('unit'),
  () => runSolidity(),
  () => runVitest('chain'),
  () => runVitest('e2e'),
];

const all: Counts[] = [];
for (const step of steps) all.push(await step());
rmSync(folder, { recursive: true, force: true });

const failures = all.flatMap((counts) => counts.failures);
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join('\n')}`);
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

function sum(key: 'passed' | 'failed' | 'skipped'): number {
  return all.reduce((total, counts) => total + counts[key], 0);
}

async function runVitest(project: string): Promise<Counts> {
  const file = join(folder, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { exitCode } = await run('vitest', ['run', '--project', project, ...reporters]);
  // Without a report (the runner itself died) there is nothing to count but that it failed.
  if (!existsSync(file)) return failedStep(`vitest --project ${project} (exit ${exitCode ?? 'by a signal'})`);
  const report = vitestReport.parse(JSON.parse(readFileSync(file, 'utf8')));
  const failures = report.testResults.flatMap(failuresOf);
  if (failures.length === 0 && !(exitCode === 0 && report.success)) failures.push(`vitest --project ${project}`);
  const failed = Math.max(report.numFailedTests, failures.length);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests, failures };
}

/** The tests of a file that failed; the file itself where it failed outside of its tests. */
function failuresOf({ name, status, assertionResults }: VitestFile): string[] {
  const file = relative(process.cwd(), name);
  const tests = assertionResults.filter((test) => test.status === 'failed').map((test) => `${file}: ${test.fullName}`);
  return tests.length === 0 && status === 'failed' ? [file] : tests;
}

async function runSolidity(): Promise<Counts> {
  const { exitCode, output } = await run('hardhat', ['test', 'solidity']);
  const count = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  const passed = count(/(\d+) passing/);
  const failed = Math.max(count(/(\d+) failing/), exitCode === 0 && passed > 0 ? 0 : 1);
  return { passed, failed, skipped: 0, failures: failed > 0 ? ['hardhat test solidity'] : [] };
}

/** A check without tests of its own counts nothing where it passes. */
async function runPlain(command: string, args: readonly string[]): Promise<Counts> {
  const { exitCode } = await run(command, args);
  return exitCode === 0 ? { passed: 0, failed: 0, skipped: 0, failures: [] } : failedStep(command);
}

function failedStep(line: string): Counts {
  return { passed: 0, failed: 1, skipped: 0, failures: [line] };
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

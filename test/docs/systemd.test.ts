import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { leavesOf } from '../cli/render-reference.ts';

const folder = 'examples/systemd';
const units = readdirSync(folder).filter((file) => file.endsWith('.service'));
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasAnalyze) {
  process.stderr.write('systemd-analyze is not installed: the units were read, and not verified by systemd.\n');
}

/** The settings of a unit; those that stand several times are lists. */
function settingsOf(unit: string): ReadonlyMap<string, readonly string[]> {
  const lines = readFileSync(join(folder, unit), 'utf8').split('\n');
  const pairs = lines.flatMap((line) => {
    const [, name, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as const];
  });
  return new Map([...Map.groupBy(pairs, ([name]) => name)].map(([name, all]) => [name, all.map(([, value]) => value)]));
}

/** A copy whose program exists on this machine. */
function copyOf(unit: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'dewproof-units-')), unit);
  writeFileSync(file, readFileSync(join(folder, unit), 'utf8').replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
  return file;
}

test('there is a unit for each daemon', () => {
  expect(units.toSorted()).toEqual(['dewproof-dew.service', 'dewproof-edge.service', 'dewproof-witness.service']);
});

describe.each(units)('%s', (unit) => {
  const settings = settingsOf(unit);
  const one = (name: string) => settings.get(name)?.[0] ?? '';

  test('starts a command that there is, with options that it knows', () => {
    const [program, ...words] = one('ExecStart').split(' ');
    expect(program).toMatch(/\/dewproof$/);
    const commands = leavesOf(createProgram()).filter(({ path }) => path !== 'dewproof');
    const found = commands.find(({ path }) => words.join(' ').startsWith(path.slice('dewproof '.length)));
    expect(found?.path).toBe(`dewproof ${/-(\w+)\./.exec(unit)?.[1] ?? ''} start`);
    const known = found?.command.options.flatMap(({ long }) => long ?? []) ?? [];
    const used = words.filter((word) => word.startsWith('--'));
    expect(used.length).toBeGreaterThan(1);
    expect(known).toEqual(expect.arrayContaining(used));
  });

  test('keeps its data where it may write, and tries again what may mend itself', () => {
    expect(one('ExecStart')).toContain(`--data /var/lib/${one('StateDirectory')}`);
    const ended = one('RestartPreventExitStatus').split(' ').map(Number);
    expect(ended).toEqual([exitCodes.usage, exitCodes.configuration]);
    expect(one('User')).toBe(one('StateDirectory'));
  });

  test.runIf(hasAnalyze)('is one that systemd takes without a warning, and exposes little', () => {
    const file = copyOf(unit);
    const verified = spawnSync('systemd-analyze', ['verify', file]);
    expect([verified.status, verified.stderr.toString()]).toEqual([0, '']);
    const security = spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', file]);
    const score = /Overall exposure level for \S+: (\d+\.\d+)/.exec(security.stdout.toString())?.[1];
    expect(Number(score)).toBeLessThanOrEqual(1.5);
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../support/nodes.ts';
import { descendantsOf, isAlive } from '../support/processes.ts';

const file = resolve(import.meta.dirname, '../../scripts/site/kill-after-us.ts');

/** A process that starts `sh -c command` under guard and says so. */
const parentOf = (command: string, isGroup: boolean) => `
  import { spawn } from 'node:child_process';
  import { killAfterUs } from ${JSON.stringify(file)};
  const child = spawn('sh', ['-c', ${JSON.stringify(command)}], { stdio: ['ignore', 'pipe', 'ignore'], detached: ${isGroup} });
  const gone = killAfterUs(child, { isGroup: ${isGroup} });
  child.stdout.once('data', () => console.log('started'));
  await gone;
  console.log('gone');
`;

describe('what a process started', () => {
  let parent: ChildProcess | undefined;
  let started: readonly number[] = [];

  afterEach(() => {
    parent?.kill('SIGKILL');
    for (const id of started.filter(isAlive)) process.kill(id, 'SIGKILL');
  });

  async function start(command: string, { isGroup }: { isGroup: boolean }) {
    const args = ['--input-type=module-typescript', '-e', parentOf(command, isGroup)];
    parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(parent, 'exit');
    if (!parent.stdout) throw new TypeError('standard output must be a pipe');
    const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
    expect(await lines.next()).toMatchObject({ value: 'started' });
    started = await descendantsOf(parent.pid ?? 0);
    return { lines, exited };
  }

  test.each(['SIGKILL', 'SIGTERM'] as const)('ends with it, its group too, on %s', async (signal) => {
    await start('sleep 600 & echo here; wait', { isGroup: true });
    // The shell, its sleep, and who waits.
    expect(started.length).toBe(3);
    parent?.kill(signal);
    await until(() => !started.some(isAlive));
  });

  test('ends with it also in the group of another', async () => {
    await start('echo here; exec sleep 600', { isGroup: false });
    expect(started.length).toBe(2);
    parent?.kill('SIGKILL');
    await until(() => !started.some(isAlive));
  });

  test('leaves nobody waiting where it ends first', async () => {
    const { lines, exited } = await start('echo here', { isGroup: true });
    expect(await lines.next()).toMatchObject({ value: 'gone' });
    expect(await exited).toEqual([0, null]);
    expect(started.filter(isAlive)).toEqual([]);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { waitFor } from '../../scripts/site/status.ts';
import { descendantsOf, isAlive } from '../support/processes.ts';

/** What the site says last before it is interrupted: each is a moment at which processes once outlived it. */
const moments: readonly (readonly [string, NodeJS.Signals, readonly string[]])[] = [
  ['starting three witnesses', 'SIGINT', []],
  ['starting the dew server', 'SIGINT', []],
  ['the operator proposes', 'SIGINT', []],
  ['feeding them', 'SIGTERM', []],
  ['Attacks', 'SIGHUP', ['--attack']],
];

test.each(moments)('after "%s", %s leaves no process', async (moment, signal, args) => {
  const folder = await mkdtemp(join(tmpdir(), 'dewproof-interrupt-'));
  const site = spawn(process.execPath, ['scripts/site.ts', '--folder', join(folder, 'site'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as a shell gives it: a terminal interrupts the commands under way as well.
    detached: true,
    env: { ...process.env, NO_COLOR: '1' },
  });
  let shown = '';
  site.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  site.stderr.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  try {
    await waitFor(moment, () => Promise.resolve(shown.includes(moment) ? true : undefined), {
      timeoutMs: 240_000,
      everyMs: 10,
    });
    const exited = once(site, 'exit');
    const started = await descendantsOf(site.pid ?? 0);
    process.kill(-(site.pid ?? 0), signal);
    // What it starts between our look and its end counts too.
    const later = new Set(started);
    const watch = setInterval(() => {
      void descendantsOf(site.pid ?? 0).then((ids) => {
        for (const id of ids) later.add(id);
      });
    }, 50);
    await exited;
    clearInterval(watch);
    expect(started.length).toBeGreaterThan(0);
    // A command of the command line that was under way may take a moment to end by itself; a daemon never does.
    await waitFor('all processes to end', () => Promise.resolve([...later].some(isAlive) ? undefined : true));
  } finally {
    if (site.exitCode === null) site.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});

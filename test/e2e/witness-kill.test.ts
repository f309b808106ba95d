import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasCode } from '../../core/errors.ts';
import { openWitnessClient } from '../../platform/witness/witness-client.ts';
import { runDewproof } from '../cli/run-dewproof.ts';
import { startForkingNode, type ForkingNode } from '../support/forking-node.ts';
import { until } from '../support/nodes.ts';
import { startDaemon, type StartedDaemon } from './cli-start.ts';

const killer = fileURLToPath(new URL('../support/kill-at-write.ts', import.meta.url));
const moments = ['before', 'during', 'after'] as const;
/** At the first start the first write is the chain's; from then on it is blocks, or evidence. */
const kills = [1, 2, 3].flatMap((write) => moments.map((moment) => ({ write, moment })));

describe('a witness whose process is killed at any write, and whose chain is another one then', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dewproof-witness-kill-'));
  const home = join(folder, 'home');
  let node: ForkingNode;
  /** Every hash that anybody was ever shown, by height. */
  const shown = new Map<number, Set<string>>();
  /** The chain before it was reorganised last. */
  let before: readonly Uint8Array[] = [];
  let refused = 0;

  beforeAll(async () => {
    node = await startForkingNode();
    const words = ['--node', node.url, '--confirmations', '1', '--generate-password'];
    expect(await runDewproof(['witness', 'init', 'a.example', '--home', home, ...words])).toMatchObject({
      exitCode: 0,
    });
  });

  afterAll(async () => {
    await node.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (env?: Readonly<Record<string, string>>): Promise<StartedDaemon> =>
    startDaemon(['witness', 'start', '--home', home, '--port', '0', '--every', '50ms'], env);

  /** Asks for one note; where the chain lost a signed block, brings that chain back. */
  const look = async ({ url }: StartedDaemon, at: bigint | 'latest'): Promise<number | undefined> => {
    try {
      const note = await openWitnessClient({ url, timeoutMs: 5000 }).note(at);
      if (note === undefined) return undefined;
      const [, height = '', hash = ''] = Buffer.from(note).toString().split('\n');
      shown.set(Number(height), (shown.get(Number(height)) ?? new Set()).add(hash));
      return Number(height);
    } catch (error) {
      if (hasCode(error, 'EQUIVOCATION')) {
        refused += 1;
        node.blocks = before;
      } else if (!hasCode(error, 'LEDGER_BEHIND', 'DEW_UNAVAILABLE')) throw error;
      return undefined;
    }
  };

  const lookAtAll = async (daemon: StartedDaemon): Promise<void> => {
    const newest = await until(() => look(daemon, 'latest'));
    for (let height = 0; height <= newest; height += 1) await look(daemon, BigInt(height));
  };

  const isDead = ({ child }: StartedDaemon): boolean => child.exitCode !== null || child.signalCode !== null;

  /** Mines and asks until the process is gone. */
  const mineUntilKilled = async (daemon: StartedDaemon): Promise<void> => {
    while (!isDead(daemon)) {
      node.mine(1);
      for (let asked = 0; asked < 6 && !isDead(daemon); asked += 1) {
        await look(daemon, 'latest');
        await sleep(10);
      }
    }
    expect(daemon.child.signalCode).toBe('SIGKILL');
  };

  test('never shows two blocks of one height, and goes on', { timeout: 300_000 }, async () => {
    for (const [round, { write, moment }] of kills.entries()) {
      const env = { NODE_OPTIONS: `--import=${killer}`, DEWPROOF_TEST_KILL: `${write} ${moment}` };
      await mineUntilKilled(await start(env));
      // The highest block that was shown is lost, or just what stands on it.
      const highest = Math.max(1, ...shown.keys());
      before = node.blocks;
      node.blocks = node.blocks.slice(0, highest + (round % 2));
      node.mine(4, `fork ${round}`);
    }
    const daemon = await start();
    try {
      await lookAtAll(daemon);
      const newest = node.blocks.length;
      node.mine(3);
      await until(async () => ((await look(daemon, 'latest')) ?? 0) > newest);
    } finally {
      expect(await daemon.stop()).toBe(0);
    }
    expect([...shown].filter(([, hashes]) => hashes.size > 1)).toEqual([]);
    expect(shown.size).toBeGreaterThan(kills.length);
    expect(refused).toBeGreaterThan(0);
  });

  test('signs nothing where its records are gone, and gets no new ones for its key', async () => {
    rmSync(join(home, 'data'), { recursive: true });
    await expect(start()).rejects.toThrow(/STORE_CORRUPT/);
    expect(await runDewproof(['witness', 'init', 'a.example', '--home', home])).toMatchObject({ code: 'CONFLICT' });
    await expect(start()).rejects.toThrow(/STORE_CORRUPT/);
  });
});

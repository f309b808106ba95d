import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Site, SiteEdge } from '../../scripts/site/open-site.ts';
import { edgeStatus, waitFor } from '../../scripts/site/status.ts';
import { startAnvil, type DevNode } from '../support/nodes.ts';
import { openKeptSite, type KeptSite } from './open-kept-site.ts';
import { publish, reading, runs } from './site-steps.ts';

type Name = 'chain' | 'dew' | 'edge-1';

/** Orders of killing and of starting again, so that each process is first, in the middle and last of both. */
const orders: readonly { readonly kill: readonly Name[]; readonly start: readonly Name[] }[] = [
  { kill: ['edge-1'], start: ['edge-1'] },
  { kill: ['dew', 'edge-1'], start: ['edge-1', 'dew'] },
  { kill: ['chain', 'dew', 'edge-1'], start: ['edge-1', 'dew', 'chain'] },
  { kill: ['edge-1', 'chain', 'dew'], start: ['chain', 'edge-1', 'dew'] },
  { kill: ['dew', 'edge-1', 'chain'], start: ['dew', 'chain', 'edge-1'] },
];

describe('kill -9 of real processes', () => {
  let folder: string;
  let kept: KeptSite;
  let site: Site;
  let version = 1;
  let sequence = 1000;

  beforeAll(async () => {
    // A node saves its state once a second; three blocks deep, what counts is always on disk.
    kept = await openKeptSite({ confirmations: 3, finality: 'rpc' });
    ({ site, folder } = kept);
  });

  afterAll(() => kept.close());

  /** anvil rewrites its file in place: killed in mid-write it would have no state to come back with. */
  const killNow = async (name: Name): Promise<void> => {
    if (name === 'chain')
      await waitFor('the chain to have just saved its state', () => pausedWhenSaved(kept.chain(), kept.stateFile), {
        everyMs: 5,
      });
    await site.processes.kill(name);
  };

  const edge = (): SiteEdge => kept.edgeAt(0);

  test.each(orders)('killed $kill, started $start: it converges', async ({ kill, start }) => {
    for (const name of kill) await killNow(name);
    for (const name of start) await site.processes.restart(name);
    version += 1;
    await publish(site, { folder, version });
    await waitFor(`version ${version} to run`, () => runs(site, { edge: edge(), version }), { timeoutMs: 180_000 });
    sequence += 1;
    expect(await reading(edge(), sequence)).toBe(sequence);
  });

  test('an edge booted with everything else down serves its views and takes new readings', async () => {
    sequence += 1;
    expect(await reading(edge(), sequence)).toBe(sequence);
    for (const name of ['chain', 'dew', 'edge-1'] as const) await killNow(name);
    await site.processes.restart('edge-1');
    await waitFor('the restored version to run', () => runs(site, { edge: edge(), version }));
    const url = `${edge().url}/v1/resources/greenfields/host-load/views/now`;
    expect(JSON.stringify(await (await fetch(url)).json())).toContain(String(sequence));
    sequence += 1;
    expect(await reading(edge(), sequence)).toBe(sequence);
    await site.processes.restart('chain');
    await site.processes.restart('dew');
  });

  test('a chain that comes back with another history is refused by code, and everything goes on', async () => {
    await waitFor('the dew to follow again', async () => ((await dewTrouble(site)) === null ? true : undefined));
    await killNow('chain');
    const port = Number(new URL(site.chainUrl).port);
    const other = await startAnvil({ port, args: ['--block-time', '1', '--chain-id', '31337'] });
    try {
      const code = await waitFor('the dew to notice', async () => (await dewTrouble(site)) ?? undefined);
      expect(['WRONG_CHAIN', 'EQUIVOCATION']).toContain(code);
      const refused = await waitFor('the edge to notice', async () => {
        const { refusals } = await edgeStatus(site, edge());
        return refusals.find((refusal) => ['WRONG_CHAIN', 'EQUIVOCATION'].includes(refusal.code));
      });
      expect(refused.about).not.toBe('');
      expect(await runs(site, { edge: edge(), version })).toBe(true);
      sequence += 1;
      expect(await reading(edge(), sequence)).toBe(sequence);
    } finally {
      await other.kill();
      await site.processes.restart('chain');
    }
    version += 1;
    await publish(site, { folder, version });
    await waitFor('both to follow the right chain again', () => runs(site, { edge: edge(), version }), {
      timeoutMs: 180_000,
    });
  });
});

/** Between the look at its file and its end the node must not begin to write. */
async function pausedWhenSaved(node: DevNode, file: string): Promise<true | undefined> {
  if (!(await justSaved(file))) return undefined;
  node.pause();
  if (await isWhole(file)) return true;
  node.resume();
  return undefined;
}

async function justSaved(file: string): Promise<true | undefined> {
  const { mtimeMs } = await stat(file);
  return Date.now() - mtimeMs < 500 && (await isWhole(file)) ? true : undefined;
}

async function isWhole(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8');
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function dewTrouble(site: Site): Promise<string | null> {
  const status = JSON.parse(await site.run('dew', ['status', '-o', 'json'])) as {
    ledger: { trouble: { code: string } | null };
  };
  return status.ledger.trouble?.code ?? null;
}

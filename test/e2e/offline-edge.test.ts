import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openSite, type Site, type SiteEdge } from '../../scripts/site/open-site.ts';
import { hostPublications, publishResources } from '../../scripts/site/publish.ts';
import { edgeStatus, waitFor } from '../../scripts/site/status.ts';
import { askNode, startKeepingAnvil } from '../support/nodes.ts';
import { processOf, publish, reading, runs } from './site-steps.ts';

const CONFIRMATIONS = 3;
const libfaketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const trustSchema = z.object({
  trust: z.object({
    anchorVersion: z.int(),
    vouched: z.object({ anchorVersion: z.int() }),
    unasked: z.array(z.string()),
  }),
});
const clockSchema = z.object({ clock: z.object({ credible: z.boolean() }) });

/** Edges whose anchor names three witnesses and no node: all that they know of the chain, a dew or a peer gave them. */
describe('edges that never speak to the chain', () => {
  let folder: string;
  let site: Site;
  let version = 1;
  let sequence = 5000;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dewproof-offline-'));
    const stateFile = join(folder, 'chain-state.json');
    site = await openSite({
      folder: join(folder, 'site'),
      withAttacker: false,
      confirmations: CONFIRMATIONS,
      startChain: async ({ port }) => processOf(await startKeepingAnvil({ stateFile, port })),
      step: () => undefined,
      signal: new AbortController().signal,
    });
    await publishResources(site, { publications: hostPublications, step: () => undefined });
  });

  afterAll(async () => {
    await site.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const edgeAt = (index: number): SiteEdge => {
    const edge = site.edges[index];
    if (!edge) throw new Error(`the site has no edge ${index}`);
    return edge;
  };

  const publishNext = async (): Promise<void> => {
    version += 1;
    await publish(site, { folder, version });
    await waitFor(`version ${version} to run`, () => runs(site, { edge: edgeAt(0), version }), { timeoutMs: 90_000 });
  };

  test('run what was published and approved; their anchor names no node', async () => {
    const anchor = await readFile(join(edgeAt(0).home, 'anchor.json'), 'utf8');
    expect(anchor).not.toContain(new URL(site.chainUrl).port);
    expect(JSON.parse(anchor)).toMatchObject({ anchor: { finality: { kind: 'witnesses' } } });
    sequence += 1;
    expect(await reading(edgeAt(0), sequence)).toBe(sequence);
  });

  test('go on with one witness killed, and take it back', async () => {
    await site.processes.kill('witness-north');
    await publishNext();
    await site.processes.restart('witness-north');
    await site.processes.kill('witness-south');
    await publishNext();
    await site.processes.restart('witness-south');
  });

  test('see nothing of a reorganisation that the witnesses waited for', async () => {
    const depth = CONFIRMATIONS - 1;
    await askNode({ url: site.chainUrl }, { method: 'anvil_reorg', params: [depth, []] });
    await publishNext();
    const { refusals } = await edgeStatus(site, edgeAt(0));
    expect(refusals.filter(({ code }) => code === 'EQUIVOCATION' || code === 'FREEZE')).toEqual([]);
  });

  test('stop what is revoked', async () => {
    await site.run('operator', ['revoke', 'host-network', '--yes']);
    const stopped = async () => {
      const { resources } = await edgeStatus(site, edgeAt(1));
      return resources.find(({ name }) => name === 'host-network')?.state !== 'RUNNING' ? true : undefined;
    };
    await waitFor('edge-2 to stop it', stopped, { timeoutMs: 60_000 });
  });

  test('boot cold and serve with chain, witnesses, dew and the other edge gone', async () => {
    sequence += 1;
    expect(await reading(edgeAt(0), sequence)).toBe(sequence);
    for (const name of ['chain', 'witness-north', 'witness-south', 'witness-west', 'dew', 'edge-2', 'edge-1']) {
      await site.processes.kill(name);
    }
    await site.processes.restart('edge-1');
    await serves();
    expect(await credible()).toBe(true);
  });

  test('do so also once roots have put other witnesses in the place of theirs, of whom nobody has heard yet', async () => {
    const file = join(folder, 'anchor-2.json');
    const keys = ['east', 'central', 'coast'].map((name, index) => `${name}=0x${String(index + 1).repeat(64)}`);
    const own = join(edgeAt(0).home, 'anchor.json');
    await site.run('operator', ['anchor', 'rotate', own, file, '--witness', ...keys]);
    for (const root of ['operator', 'approver']) await site.run(root, ['anchor', 'sign', file]);
    await site.run('edge-1', ['anchor', 'import', file]);
    await serves();
    await site.processes.kill('edge-1');
    await site.processes.restart('edge-1');
    await serves();
    const { trust } = trustSchema.parse(JSON.parse(await site.run('edge-1', ['status', '-o', 'json'])));
    expect(trust).toEqual({ anchorVersion: 2, vouched: { anchorVersion: 1 }, unasked: ['east', 'central', 'coast'] });
  });

  test.skipIf(!existsSync(libfaketime))(
    'do so with the clock ten years off either way (skipped where libfaketime is not installed)',
    async () => {
      for (const offset of ['-10y', '+10y']) {
        await site.processes.kill('edge-1');
        await withEnvironment({ LD_PRELOAD: libfaketime, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' }, () =>
          site.processes.restart('edge-1'),
        );
        await serves();
        expect(await credible()).toBe(false);
      }
    },
  );

  /** The committed version runs, its view is served, and a new reading is taken. */
  const serves = async (): Promise<void> => {
    await waitFor('the restored version to run', () => runs(site, { edge: edgeAt(0), version }));
    sequence += 1;
    expect(await reading(edgeAt(0), sequence)).toBe(sequence);
  };

  const credible = async (): Promise<boolean> => {
    const text = await site.run('edge-1', ['status', '-o', 'json']);
    return clockSchema.parse(JSON.parse(text)).clock.credible;
  };
});

/** What is started meanwhile inherits these variables. */
async function withEnvironment(variables: Readonly<Record<string, string>>, act: () => Promise<void>): Promise<void> {
  Object.assign(process.env, variables);
  try {
    await act();
  } finally {
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
  }
}

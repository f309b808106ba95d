import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Site, SiteEdge } from '../../scripts/site/open-site.ts';
import { edgeStatus, waitFor } from '../../scripts/site/status.ts';
import { askNode } from '../support/nodes.ts';
import { startHostileWitness, type HostileWitness, type WitnessAttack } from './hostile-witness.ts';
import { openKeptSite, type KeptSite } from './open-kept-site.ts';
import { publish, reading, runs } from './site-steps.ts';

const CONFIRMATIONS = 3;
const libfaketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const trustSchema = z.object({
  trust: z.object({
    anchorVersion: z.int(),
    vouched: z.object({ anchorVersion: z.int() }),
    unasked: z.array(z.string()),
  }),
});
const clockSchema = z.object({ clock: z.object({ credible: z.boolean(), told: z.boolean() }) });
const beliefSchema = z.object({
  head: z.object({ height: z.number(), hash: z.string() }),
  trust: z.object({ freshness: z.string(), split: z.null(), vouched: z.object({ signers: z.array(z.string()) }) }),
});
const dewSchema = z.object({
  bundles: z.object({ groups: z.tuple([z.object({ height: z.string() })]) }),
  witnesses: z.array(z.object({ name: z.string(), code: z.string() })),
});

/** What a hostile witness does, and what the dew calls it. */
const attacks: readonly (readonly [WitnessAttack, RegExp])[] = [
  ['false-hash', /^EQUIVOCATION$/],
  ['other-chain', /^PROOF_INVALID$/],
  ['equivocate', /^EQUIVOCATION$/],
  ['silent', /^(?:DEW_UNAVAILABLE|SLOW_RETRIEVAL)$/],
  ['frozen', /^FREEZE$/],
];

/** Edges whose anchor names three witnesses and no node: all that they know of the chain, a dew or a peer gave them. */
describe('edges that never speak to the chain', () => {
  let folder: string;
  let kept: KeptSite;
  let site: Site;
  let edgeAt: KeptSite['edgeAt'];
  let version = 1;
  let sequence = 5000;

  beforeAll(async () => {
    // So short that a test can see facts grow old; blocks come every second.
    kept = await openKeptSite({ confirmations: CONFIRMATIONS, staleAfter: '20s' });
    ({ site, folder, edgeAt } = kept);
  });

  afterAll(() => kept.close());

  const publishNext = async (): Promise<void> => {
    version += 1;
    await publish(site, { folder, version });
    await waitFor(`version ${version} to run`, () => runs(site, { edge: edgeAt(0), version }), { timeoutMs: 180_000 });
  };

  test('run what was published and approved; their anchor names no node', async () => {
    const anchor = await readFile(join(edgeAt(0).home, 'anchor.json'), 'utf8');
    expect(anchor).not.toContain(new URL(site.chainUrl).port);
    expect(JSON.parse(anchor)).toMatchObject({ anchor: { finality: { kind: 'witnesses' } } });
    sequence += 1;
    expect(await reading(edgeAt(0), sequence)).toBe(sequence);
  });

  test('are told the time through their dew, though nobody told them where witnesses are', async () => {
    for (const edge of site.edges) {
      await waitFor(`${edge.name} to be told the time`, async () => ((await clockOf(edge)).told ? true : undefined));
      expect(await clockOf(edge)).toMatchObject({ credible: true });
    }
  });

  test('go on with one witness killed, and take it back', async () => {
    await site.processes.kill('witness-north');
    await publishNext();
    const missed = (await belief(edgeAt(0))).head.height;
    await site.processes.restart('witness-north');
    await waitFor('edge-1 to believe what north signed since', async () => {
      const { head, trust } = await belief(edgeAt(0));
      return head.height > missed && trust.vouched.signers.includes('north') ? true : undefined;
    });
  });

  test('see nothing of a reorganisation that the witnesses waited for', async () => {
    const depth = CONFIRMATIONS - 1;
    await askNode({ url: site.chainUrl }, { method: 'anvil_reorg', params: [depth, []] });
    await publishNext();
    const { refusals } = await edgeStatus(site, edgeAt(0));
    expect(refusals.filter(({ code }) => code === 'EQUIVOCATION' || code === 'FREEZE')).toEqual([]);
  });

  test('go on beside a witness that lies, hangs or is frozen, and the dew names it', async () => {
    await withHostile({ west: 'false-hash' }, async ({ west }) => {
      for (const [mode, code] of attacks) {
        west.setMode(mode);
        const begun = await dewHeight();
        await waitFor(`the dew to go on, and to name the witness that is ${mode}`, async () => {
          const { witnesses } = await dew();
          const named = witnesses.some((one) => one.name === 'west' && code.test(one.code));
          return named && (await dewHeight()) > begun + 1 ? true : undefined;
        });
        // What west signed in truth counts, also where the dew asked for it before; soon nothing of it is left.
        const { head, trust } = await waitFor(`edge-1 to follow beside one that is ${mode}`, async () => {
          const known = await belief(edgeAt(0));
          const { freshness, vouched } = known.trust;
          const isLeft = mode !== 'equivocate' && vouched.signers.includes('west');
          return known.head.height > begun + 1 && freshness === 'FRESH' && !isLeft ? known : undefined;
        });
        expect(trust.vouched.signers.length).toBeGreaterThanOrEqual(2);
        expect(await blockHash(head.height)).toBe(head.hash);
      }
      await publishNext();
    });
  });

  test('hear of nothing false from one that lies beside one that is frozen, grow stale, and then stop what was revoked', async () => {
    const isRunning = async () => {
      const { resources } = await edgeStatus(site, edgeAt(1));
      return resources.find(({ name }) => name === 'host-network')?.state === 'RUNNING';
    };
    await withHostile({ west: 'false-hash', south: 'frozen' }, async () => {
      await site.run('operator', ['revoke', 'host-network', '--yes']);
      const stale = await waitFor('edge-2 to say that what it knows is old', async () => {
        const known = await belief(edgeAt(1));
        return known.trust.freshness === 'STALE' ? known : undefined;
      });
      expect(await blockHash(stale.head.height)).toBe(stale.head.hash);
      expect(await isRunning()).toBe(true);
      // Nobody vouches for anything newer, though the chain has it.
      const { head } = await belief(edgeAt(0));
      await waitFor('the chain to go on', async () =>
        Number(await askNode({ url: site.chainUrl }, { method: 'eth_blockNumber' })) > head.height + CONFIRMATIONS + 10
          ? true
          : undefined,
      );
      expect((await belief(edgeAt(0))).head.height).toBe(head.height);
    });
    await waitFor('edge-2 to stop it', async () => ((await isRunning()) ? undefined : true));
    await waitFor('edge-2 to know the newest again', async () =>
      (await belief(edgeAt(1))).trust.freshness === 'FRESH' ? true : undefined,
    );
    const { refusals } = await edgeStatus(site, edgeAt(1));
    expect(refusals.filter(({ code }) => code === 'EQUIVOCATION')).toEqual([]);
  });

  test('boot cold and serve with chain, witnesses, dew and the other edge gone', async () => {
    sequence += 1;
    expect(await reading(edgeAt(0), sequence)).toBe(sequence);
    for (const name of ['chain', 'witness-north', 'witness-south', 'witness-west', 'dew', 'edge-2', 'edge-1']) {
      await site.processes.kill(name);
    }
    await site.processes.restart('edge-1');
    await serves();
    // Nobody is there to ask.
    expect(await clockOf(edgeAt(0))).toMatchObject({ credible: true, told: false });
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
    expect(trust).toEqual({ anchorVersion: 2, vouched: { anchorVersion: 1 }, unasked: [] });
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
        expect(await clockOf(edgeAt(0))).toMatchObject({ credible: false });
      }
    },
  );

  /** The committed version runs, its view is served, and a new reading is taken. */
  const serves = async (): Promise<void> => {
    await waitFor('the restored version to run', () => runs(site, { edge: edgeAt(0), version }));
    sequence += 1;
    expect(await reading(edgeAt(0), sequence)).toBe(sequence);
  };

  const belief = async (edge: SiteEdge) =>
    beliefSchema.parse(JSON.parse(await site.run(edge.name, ['status', '-o', 'json'])));

  const dew = async () => dewSchema.parse(JSON.parse(await site.run('dew', ['status', '-o', 'json'])));

  const dewHeight = async (): Promise<number> => Number((await dew()).bundles.groups[0].height);

  const blockHash = async (height: number): Promise<string> => {
    const params = [`0x${height.toString(16)}`, false];
    return z
      .object({ hash: z.string() })
      .parse(await askNode({ url: site.chainUrl }, { method: 'eth_getBlockByNumber', params })).hash;
  };

  /** Puts servers with the keys of real witnesses in their place, and the real ones back. */
  const withHostile = async <N extends string>(
    attacksOf: Readonly<Record<N, WitnessAttack>>,
    act: (hostile: Readonly<Record<N, HostileWitness>>) => Promise<void>,
  ): Promise<void> => {
    const urlOf = (name: string) => site.witnesses.find((one) => one.name === name)?.url ?? '';
    const names = Object.keys(attacksOf) as N[];
    const hostile = new Map<N, HostileWitness>();
    try {
      for (const name of names) {
        await site.processes.kill(`witness-${name}`);
        const options = { home: join(site.folder, `witness-${name}`), url: urlOf(name), honestUrl: urlOf('north') };
        hostile.set(name, await startHostileWitness({ ...options, mode: attacksOf[name] }));
      }
      await act(Object.fromEntries(hostile) as Record<N, HostileWitness>);
    } finally {
      for (const one of hostile.values()) await one.close();
      for (const name of names) await site.processes.restart(`witness-${name}`);
    }
  };

  const clockOf = async ({ name }: SiteEdge) =>
    clockSchema.parse(JSON.parse(await site.run(name, ['status', '-o', 'json']))).clock;
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

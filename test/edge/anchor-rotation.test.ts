import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openLocalAccount } from '../../chain/evm/local-account.ts';
import { deriveSealKey } from '../../chain/light/derive-seal-key.ts';
import { createRpcStateSource } from '../../chain/light/rpc-state.ts';
import { openStatePorts } from '../../cli/edge/open-state-ports.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { AskNonce } from '../../core/state/ports.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import type { Edge } from '../../edge/start-edge.ts';
import { openStore, sublevelOf, type Sublevel } from '../../platform/store/open-store.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { rootedAnchor, rootKeys, signAnchor } from '../support/test-anchors.ts';
import { four, qbftAnchor } from '../support/test-bundles.ts';
import { createWitnesses } from '../support/test-witnesses.ts';
import { createBundleSite, type BundleSite } from './support/bundle-site.ts';
import { GENESIS } from './support/bundle-world.ts';
import { startBundleServer } from './support/bundle-server.ts';
import { ask } from './support/calls.ts';
import { eventually } from './support/test-edge.ts';

const all = createWitnesses(6);
const trusting = (version: number, indices: readonly number[]): Anchor =>
  rootedAnchor({
    version,
    beginsAt: 0,
    finality: {
      kind: 'witnesses',
      witnesses: indices.flatMap((index) => all[index] ?? []).map(({ name, publicKey }) => ({ name, publicKey })),
    },
  });
const input = { id: 'temperature', push: true, payload: { format: 'number' } };
const spec = { inputs: [input], views: [{ id: 'now', input: 'temperature', latest: true }] };
const sealedFrom = (height: number) => ({ ...qbftAnchor(four).finality, height });
const first = trusting(1, [0, 1, 2]);
const others = all.slice(3, 5);

/** A site whose dew also hands out anchors. */
async function createRotatingSite(): Promise<BundleSite & { anchors: readonly SignedAnchor[] }> {
  const world = Object.assign(await createBundleSite(spec), { anchors: [] as readonly SignedAnchor[] });
  const { attack } = world.dew;
  world.dew.attack = (asked) => {
    if (asked.path !== '/v1/anchors') return attack?.(asked) ?? false;
    asked.response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ anchors: world.anchors }));
    return true;
  };
  return world;
}

/** The node that the device trusts: what the site's ledger says, as if it were of the anchors' chain. */
function nodeOf({ site }: BundleSite, { chain, genesis, registry }: Anchor) {
  const key = openLocalAccount(Buffer.from('1'.padStart(64, '0'), 'hex'));
  const ledger = { ...site.chain.ledgerOf(), identity: () => Promise.resolve({ chain, genesis, registry }) };
  const sealKey = deriveSealKey(key);
  const source = createRpcStateSource({ ledger, account: site.account, sealKey, maxQuietMs: 50 });
  return { key, source: { ...source, close: vi.fn(() => source.close()), watch: vi.fn(source.watch.bind(source)) } };
}

const climate = (edge: Edge) => edge.status().resources.find(({ name }) => name === 'climate');
const codesOf = (edge: Edge) => edge.status().refusals.map(({ about, code }) => `${about} ${code}`);
const read = async (edge: Edge) => (await ask(`${edge.url}/v1/resources/greenfields/climate/views/now`)).status;
const runs = (edge: Edge) =>
  eventually(() => {
    expect(climate(edge)?.state).toBe('RUNNING');
  });

describe('a newer anchor from a dew', () => {
  test('that trusts other witnesses leaves what was accepted served, also after a boot, and takes their word alone', async () => {
    const world = await createRotatingSite();
    const dataFolder = temporaryFolder();
    const before = await world.startEdge({ anchor: first, dataFolder });
    await runs(before);
    const started = climate(before)?.startedInMs;
    const height = before.status().head?.height ?? 0;
    world.anchors = [await signAnchor(trusting(2, [3, 4, 5]), rootKeys.slice(0, 2))];
    await eventually(() => {
      expect(before.status().trust).toMatchObject({ anchorVersion: 2, vouched: { anchorVersion: 1 } });
    });
    expect(climate(before)).toMatchObject({ state: 'RUNNING', startedInMs: started, freshness: 'FRESH' });
    expect(await read(before)).toBe(200);
    await before.close();

    // Cold, before anybody has a bundle of the new ones; the old ones still sign.
    world.prove();
    const edge = await world.startEdge({ anchor: first, dataFolder });
    await runs(edge);
    expect(await read(edge)).toBe(200);
    await eventually(() => {
      expect(codesOf(edge)).toContain(`${world.dew.url} PROOF_INVALID`);
    });
    expect(edge.status().head).toMatchObject({ height });

    world.prove({ signers: others });
    const signers = others.map(({ name }) => name);
    await eventually(() => {
      expect(edge.status().trust).toMatchObject({ freshness: 'FRESH', vouched: { signers, anchorVersion: 2 } });
    });
    expect(climate(edge)).toMatchObject({ state: 'RUNNING', freshness: 'FRESH' });
    expect(await read(edge)).toBe(200);
    await edge.close();
    await world.dew.close();
    const booted = await world.startEdge({ anchor: first, dataFolder });
    await runs(booted);
    expect(booted.status().trust).toMatchObject({ anchorVersion: 2, vouched: { signers, anchorVersion: 2 } });
  });

  test('with a checkpoint disowns what the old witnesses vouched for: what runs goes on, and nobody new is let in', async () => {
    const world = await createRotatingSite();
    const edge = await world.startEdge({ anchor: first });
    await runs(edge);
    const started = climate(edge)?.startedInMs;
    const { height = 0 } = edge.status().head ?? {};
    const checkpoint = { height, hash: edge.status().head?.hash as `0x${string}`, time: 1 };
    world.anchors = [await signAnchor({ ...trusting(2, [3, 4, 5]), checkpoint }, rootKeys.slice(0, 2))];
    await eventually(() => {
      expect(edge.status().trust).toMatchObject({ anchorVersion: 2, vouched: null });
    });
    expect(climate(edge)).toMatchObject({ state: 'RUNNING', startedInMs: started, freshness: 'FROZEN' });
    expect(await read(edge)).toBe(503);
    world.prove({ signers: others });
    await eventually(() => {
      expect(edge.status().trust).toMatchObject({ freshness: 'FRESH', vouched: { anchorVersion: 2 } });
    });
    expect(climate(edge)).toMatchObject({ state: 'RUNNING', startedInMs: started, freshness: 'FRESH' });
    expect(await read(edge)).toBe(200);
  });

  test('alarms nobody where a bundle is there before it, or others go by the one before; later on old signers do', async () => {
    const world = await createRotatingSite();
    const second = await signAnchor(trusting(2, [3, 4, 5]), rootKeys.slice(0, 2));
    let shown: Uint8Array | undefined;
    const peer = await startBundleServer(() => shown);
    // Others may go by the anchor before for some rounds: time enough to ask them all also where a machine is slow.
    const edge = await world.startEdge({ anchor: first, peerUrls: [peer], pollEveryMs: 300 });
    await runs(edge);
    const { attack } = world.dew;
    let isProved = false;
    world.dew.attack = (asked) => {
      // The dew has the anchor, but this device comes for the bundle first.
      if (isProved && asked.path.startsWith('/v1/bundles/')) world.anchors = [second];
      return attack?.(asked) ?? false;
    };
    shown = world.prove();
    world.prove({ signers: others });
    isProved = true;
    await eventually(() => {
      expect(edge.status().trust).toMatchObject({ freshness: 'FRESH', vouched: { anchorVersion: 2 } });
    });
    const alarms = () => codesOf(edge).filter((one) => /PROOF_INVALID|QUORUM/.test(one));
    expect(alarms()).toEqual([]);
    const newest = world.bundle;
    await eventually(() => {
      shown = world.prove();
      world.bundle = newest;
      expect(alarms()).toEqual([`${peer} PROOF_INVALID`]);
    });
  });

  test('has a bundle taken that the one before refused, though nobody shows another', async () => {
    const world = await createRotatingSite();
    const shown = world.bundle;
    await world.site.revoke('climate', 1);
    const newer = world.prove({ signers: [all[1], all[3]].flatMap((one) => one ?? []) });
    world.bundle = shown;
    const peer = await startBundleServer(() => newer);
    const edge = await world.startEdge({ anchor: first, peerUrls: [peer] });
    await runs(edge);
    await eventually(() => {
      expect(codesOf(edge)).toContain(`${peer} PROOF_INVALID`);
    });
    world.anchors = [await signAnchor(trusting(2, [0, 1, 3]), rootKeys.slice(0, 2))];
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ stopped: 'REVOKED' }]);
    });
  });
});

describe('an anchor that leaves a node for', () => {
  test.each<[string, (version: number) => Anchor]>([
    ['witnesses', (version) => trusting(version, [0, 1, 2])],
    ['validators', (version) => rootedAnchor({ version, beginsAt: 0, finality: sealedFrom(5) })],
  ])('%s has dews and peers asked for proofs at once, and the node no more', async (kind, of) => {
    const world = await createRotatingSite();
    world.bundle = undefined;
    const node = { kind: 'rpc', url: 'http://127.0.0.1:9', confirmations: 0 } as const;
    const byNode = rootedAnchor({ beginsAt: 0, finality: node });
    const { key, source } = nodeOf(world, byNode);
    let asked = 0;
    const peer = await startBundleServer(() => {
      asked++;
      return undefined;
    });
    const witnesses = [{ name: 'witness-0', url: 'http://127.0.0.1:9' }];
    const { openState, ...proving } = await openStatePorts({ anchor: byNode, account: key, witnesses, dewUrls: [] });
    const dataFolder = temporaryFolder();
    const device = { anchor: byNode, openState, proving, stateSource: source, dataFolder, peerUrls: [peer] };
    const edge = await world.startEdge(device);
    await runs(edge);
    expect(edge.status().trust).toMatchObject({ finality: 'rpc', proofCrypto: null, unasked: [] });
    const started = climate(edge)?.startedInMs;
    expect(asked).toBe(0);

    world.anchors = [await signAnchor(of(2), rootKeys.slice(0, 2))];
    await eventually(() => {
      expect(source.close).toHaveBeenCalled();
      expect(asked).toBeGreaterThan(0);
    });
    const { length } = source.watch.mock.calls;
    // What a node said is nobody's proof.
    expect(edge.status().trust).toMatchObject({ anchorVersion: 2, vouched: null, proofCrypto: proving.proofCrypto });
    if (kind === 'witnesses') {
      // They are asked for the time at once, too; nobody is there.
      await eventually(() => {
        expect(codesOf(edge)).toContain('witnesses QUORUM');
      });
    }
    // Dews ask those that it does not know.
    expect(edge.status().trust.unasked).toEqual([]);
    expect(await read(edge)).toBe(503);
    world.prove({ anchor: of(2), time: 1_900_000_000n });
    await eventually(() => {
      expect(edge.status().trust).toMatchObject({ freshness: 'FRESH', vouched: { anchorVersion: 2 } });
    });
    expect(climate(edge)).toMatchObject({ state: 'RUNNING', startedInMs: started });
    expect(await read(edge)).toBe(200);
    expect(source.watch.mock.calls).toHaveLength(length);
    await edge.close();

    // The home's file still names the node.
    const booted = await world.startEdge({ ...device, peerUrls: [] });
    await runs(booted);
    expect(booted.status().trust).toMatchObject({ anchorVersion: 2, freshness: 'FRESH' });
    expect(source.watch.mock.calls).toHaveLength(length);
  });
});

test.each<[string, (disk: AnchorsDisk) => Promise<unknown>]>([
  ['decayed', ({ part, third, record }) => part.put(third, record(third).replace('"staleAfter"', '"staleafter"'))],
  ['was deleted', ({ part, third }) => part.del(third)],
  ['was deleted with all others', ({ part }) => part.clear()],
  [
    'was deleted with the note of it',
    async ({ part, third, records }) => {
      await part.del(third);
      await records.del('in-use');
    },
  ],
  ['has a former one in its place', ({ part, second, third, record }) => part.put(third, record(second))],
])(
  'an edge whose newest anchor %s starts, serves what stood, and goes on with it once it is offered',
  async (_, harm) => {
    const world = await createRotatingSite();
    const dataFolder = temporaryFolder();
    const second = await signAnchor(trusting(2, [0, 1, 3]), rootKeys.slice(0, 2));
    const third = await signAnchor(trusting(3, [3, 4, 5]), rootKeys.slice(0, 2));
    world.anchors = [second, third];
    const before = await world.startEdge({ anchor: first, dataFolder });
    await eventually(() => {
      expect(before.status().trust.anchorVersion).toBe(3);
    });
    // Who was given the anchors first takes the bundle of the third's witnesses alone.
    world.prove({ signers: others });
    await runs(before);
    await before.close();
    await harmAnchors(dataFolder, harm);

    world.anchors = [];
    world.prove({ signers: all.slice(0, 2) });
    const askNonce = vi.fn<AskNonce>(() => Promise.resolve({ attestedAt: GENESIS, latestAt: GENESIS }));
    const edge = await world.startEdge({ anchor: first, dataFolder, proving: { askNonce } });
    await eventually(() => {
      expect(codesOf(edge)).toContain(`${world.dew.url} STORE_CORRUPT`);
    });
    // Whoever was disowned tells no time either.
    expect(askNonce).not.toHaveBeenCalled();
    expect(codesOf(edge)).toContain('anchor STORE_CORRUPT');
    expect(edge.status().trust).toMatchObject({ missingAnchor: 3, vouched: null });
    expect(edge.status().trust.anchorVersion).toBeLessThan(3);
    expect(climate(edge)?.state).not.toBe('RUNNING');
    world.anchors = [third];
    await runs(edge);
    expect(edge.status().trust).toMatchObject({ anchorVersion: 3, missingAnchor: null, vouched: { anchorVersion: 3 } });
    expect(await read(edge)).toBe(200);
    await eventually(() => {
      expect(askNonce).toHaveBeenCalled();
    });
  },
);

/** Where an edge keeps its anchors; `second` and `third` are the keys of the newest two. */
interface AnchorsDisk {
  readonly part: Sublevel;
  /** What the device remembers. */
  readonly records: Sublevel;
  readonly second: string;
  readonly third: string;
  readonly record: (key: string) => string;
}

async function harmAnchors(dataFolder: string, harm: (disk: AnchorsDisk) => Promise<unknown>): Promise<void> {
  const store = await openStore(join(dataFolder, 'store'));
  const part = sublevelOf(store, 'anchors');
  const all = new Map(await part.iterator().all());
  const [second = '', third = ''] = [...all.keys()].slice(-2);
  await harm({ part, records: sublevelOf(store, 'records'), second, third, record: (key) => all.get(key) ?? '' });
  await store.close();
}

import { describe, expect, test } from 'vitest';
import type { Anchor } from '../../core/state/anchor.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import type { Edge } from '../../edge/start-edge.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { rootedAnchor, rootKeys, signAnchor } from '../support/test-anchors.ts';
import { createWitnesses } from '../support/test-witnesses.ts';
import { createBundleSite, type BundleSite } from './support/bundle-site.ts';
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

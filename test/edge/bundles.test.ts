import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestOf } from '../../core/digest.ts';
import { bytesOf, rawProfile } from '../core/support/samples.ts';
import { serve } from '../support/serve.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import type { Edge } from '../../edge/start-edge.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { parseMetrics } from '../faces/parse-metrics.ts';
import { createBundleSite, serveBundle, WORLD_NOW_MS, type BundleSite } from './support/bundle-site.ts';
import { DEVICE, deviceOf, GENESIS, ledgerOf, makeBundle, without } from './support/bundle-world.ts';
import { ask } from './support/calls.ts';
import { GROUP, resourceOf, TENANT } from './support/site.ts';
import { eventually } from './support/test-edge.ts';

const YEAR_MS = 365 * 86_400_000;
const DAY_MS = 86_400_000;
const input = { id: 'temperature', push: true, payload: { format: 'number' } };
const spec = { inputs: [input], views: [{ id: 'now', input: 'temperature', latest: true }] };

const stateOf = (edge: Edge) => edge.status().resources.find(({ name }) => name === 'climate')?.state;
const heightOf = (edge: Edge) => edge.status().head?.height;
const codesOf = (edge: Edge) => edge.status().refusals.map(({ about, code }) => `${about} ${code}`);
const runs = (edge: Edge) =>
  eventually(() => {
    expect(stateOf(edge), JSON.stringify(edge.status())).toBe('RUNNING');
  });

/** Another server with bundles: a dew that knows nothing else, or a peer. */
async function startServer(
  answer: (world: { request: Parameters<typeof serveBundle>[1]['request']; response: ServerResponse }) => void,
) {
  const { url, close } = await serve((request, response) => {
    answer({ request, response });
  });
  onTestFinished(close);
  return url;
}

describe('an edge that never speaks to a chain', () => {
  test('goes through publish, newer version and revocation by bundles alone', async () => {
    const world = await createBundleSite(spec);
    const edge = await world.startEdge();
    await runs(edge);
    await world.site.publish('climate', { ...spec, version: 2 });
    world.prove();
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ state: 'RUNNING', version: 2 }]);
    });
    await world.site.revoke('climate', 2);
    world.prove();
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ state: 'FINISHED', stopped: 'REVOKED' }]);
    });
    // The dew leaves out what was revoked, under a newer head.
    await world.site.publish('weather');
    const { height = 0 } = edge.status().head ?? {};
    world.prove({ leave: without('climate') });
    await eventually(() => {
      expect(heightOf(edge)).toBe(height + 1);
    });
    expect(edge.status().resources).toMatchObject([{ state: 'FINISHED', stopped: 'REVOKED' }]);
    expect(edge.status().trust).toMatchObject({
      finality: 'witnesses',
      trusts: '2 of 3 witnesses',
      vouched: { signers: ['witness-0', 'witness-1'], members: 3 },
    });
  });

  test('does not go on telling of what a first bundle left out once it is proved', async () => {
    const world = await createBundleSite(spec);
    world.prove({ leave: without('climate') });
    const edge = await world.startEdge();
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ state: 'FINISHED', stopped: 'NOT_PROVED' }]);
    });
    expect(codesOf(edge)).toEqual([`${TENANT}/climate NOT_PROVED`]);
    world.prove();
    await runs(edge);
    expect(codesOf(edge)).toEqual([]);
    expect(edge.status().resources).toMatchObject([{ lastRefusal: null }]);
  });

  test.each([
    ['ten years ahead', WORLD_NOW_MS + 10 * YEAR_MS, false],
    ['ten years behind', WORLD_NOW_MS - 10 * YEAR_MS, false],
    ['at 1970', 0, false],
    ['right', WORLD_NOW_MS, true],
  ])(
    'cold-boots with everything gone and its clock %s, and says what it thinks of it',
    async (_, clockMs, credible) => {
      const world = await createBundleSite(spec);
      const dataFolder = temporaryFolder();
      const edge = await world.startEdge({ dataFolder });
      await runs(edge);
      await edge.close();
      await world.dew.close();
      const booted = await world.startEdge({ dataFolder, clock: () => clockMs });
      await runs(booted);
      expect((await ask(`${booted.url}/v1/resources/greenfields/climate/views/now`)).status).toBe(200);
      expect(booted.status()).toMatchObject({ clock: { credible }, trust: { freshness: 'FRESH' } });
      expect(await booted.verify()).toMatchObject({ refusals: [] });
    },
  );
});

describe('a dew in the hands of an attacker', () => {
  test('that dribbles is given up', async () => {
    const world = await createBundleSite(spec);
    const bundle = world.prove();
    const helper = await startServer((exchange) => {
      serveBundle(bundle, exchange);
    });
    world.answer = (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 100);
      response.on('close', () => {
        clearInterval(timer);
      });
    };
    const edge = await world.startEdge({ dewUrls: [world.dew.url, helper] });
    await runs(edge);
    expect(codesOf(edge)).toContain(`${world.dew.url} SLOW_RETRIEVAL`);
  });

  const attacks: readonly (readonly [string, string, (world: BundleSite, old: Uint8Array) => BundleSite['answer']])[] =
    [
      [
        'streams endlessly',
        'ENDLESS_DATA',
        () => (_, response) => {
          drown(response);
        },
      ],
      [
        'claims a length beyond all measure',
        'ENDLESS_DATA',
        () => (_, response) => response.writeHead(200, { 'content-length': 1e10 }).write('x'),
      ],
      [
        'tampers',
        'SCHEMA',
        ({ bundle }) =>
          (request, response) => {
            serveBundle(flipped(bundle), { request, response });
          },
      ],
      [
        'cuts',
        'SCHEMA',
        ({ bundle }) =>
          (request, response) => {
            serveBundle(bundle?.subarray(0, -1), { request, response });
          },
      ],
      [
        'replays an old bundle',
        'ROLLBACK',
        (_, old) => (request, response) => {
          serveBundle(old, { request, response });
        },
      ],
    ];

  test.each(attacks)('that %s is refused by name (%s), and the next is asked', async (_, code, attack) => {
    const world = await createBundleSite(spec);
    const old = world.bundle ?? new Uint8Array();
    world.prove();
    const edge = await world.startEdge();
    await runs(edge);
    const before = heightOf(edge) ?? 0;
    const honest: { bundle?: Uint8Array } = {};
    const helper = await startServer((exchange) => {
      serveBundle(honest.bundle, exchange);
    });
    await edge.close();
    const bad = attack(world, old);
    const again = await world.startEdge({ dewUrls: [world.dew.url, helper] });
    await runs(again);
    honest.bundle = world.prove();
    world.answer = bad;
    await eventually(() => {
      expect(codesOf(again)).toContain(`${world.dew.url} ${code}`);
      expect(heightOf(again)).toBe(before + 1);
    });
    expect(stateOf(again)).toBe('RUNNING');
  });

  test('that only lags is told of once, however often it is asked', async () => {
    const world = await createBundleSite(spec);
    const olds = [world.bundle, world.prove(), world.prove()];
    world.prove();
    const edge = await world.startEdge();
    await runs(edge);
    let asked = 0;
    world.answer = (request, response) => {
      serveBundle(olds[Math.min(asked++, 2)], { request, response });
    };
    await eventually(() => {
      expect(asked).toBeGreaterThan(5);
    });
    expect(edge.status().refusals.filter(({ code }) => code === 'ROLLBACK')).toMatchObject([{ count: 1 }]);
  });
});

describe('edges tell each other', () => {
  test('a newer bundle that the dew keeps back, which is checked as any other', async () => {
    const world = await createBundleSite(spec);
    const edge = await world.startEdge();
    await runs(edge);
    const kept = world.bundle;
    await world.site.revoke('climate', 1);
    const newer = world.prove();
    world.bundle = kept;
    const liar = await startServer(({ request, response }) => {
      serveBundle(flipped(newer), { request, response });
    });
    const peer = await startServer(({ request, response }) => {
      if (request.url === '/v1/bundle') serveBundle(newer, { request, response });
      else response.writeHead(404).end();
    });
    await edge.close();
    const told = await world.startEdge({ peerUrls: [liar, peer] });
    await eventually(() => {
      expect(told.status().resources, JSON.stringify(told.status().refusals)).toMatchObject([{ stopped: 'REVOKED' }]);
    });
    const answer = await fetch(`${told.url}/v1/bundle`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(newer));
    const etag = answer.headers.get('etag') ?? '';
    expect((await fetch(`${told.url}/v1/bundle`, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test('where they are by their approved profiles', async () => {
    const world = await createBundleSite(spec);
    const { site } = world;
    const kept: { newer: Uint8Array } = { newer: new Uint8Array() };
    const peer = await startServer((exchange) => {
      serveBundle(kept.newer, exchange);
    });
    const bytes = bytesOf({ ...rawProfile({ url: peer }), metadata: { tenant: TENANT, name: 'other' } });
    site.contents.set(digestOf(bytes), bytes);
    const account = `0x${'d9'.repeat(20)}` as const;
    await site.do({ type: 'enrol-device', account, kind: 'edge', group: GROUP, profile: digestOf(bytes) });
    const shown = world.prove();
    await site.revoke('climate', 1);
    kept.newer = world.prove();
    world.bundle = shown;
    const edge = await world.startEdge();
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ stopped: 'REVOKED' }]);
    });
  });

  test('what a dew withholds, which is then told of it by name', async () => {
    const world = await createBundleSite(spec);
    const kept = world.bundle;
    const newer = world.prove();
    world.bundle = kept;
    const peer = await startServer((exchange) => {
      serveBundle(newer, exchange);
    });
    const edge = await world.startEdge({ peerUrls: [peer] });
    await eventually(() => {
      expect(codesOf(edge)).toContain(`${world.dew.url} FREEZE`);
    });
    expect(heightOf(edge)).toBe(12);
  });

  test('once where they are away', async () => {
    const world = await createBundleSite(spec);
    const edge = await world.startEdge({ peerUrls: ['http://127.0.0.1:9'] });
    await runs(edge);
    await eventually(() => {
      expect(edge.status().refusals).toMatchObject([{ about: 'http://127.0.0.1:9', code: 'DEW_UNAVAILABLE' }]);
    });
    await eventually(() => {
      expect(edge.status().refusals[0]?.count).toBeGreaterThan(1);
    });
    expect(edge.status().refusals).toHaveLength(1);
  });

  test('nothing of those that only start later', async () => {
    const world = await createBundleSite(spec);
    let isUp = false;
    const peer = await startServer((exchange) => {
      const isAsked = exchange.request.url === '/v1/bundle';
      if (isAsked && isUp) serveBundle(world.bundle ?? Buffer.from(''), exchange);
      else exchange.response.writeHead(isAsked ? 503 : 404).end();
    });
    const edge = await world.startEdge({ peerUrls: [peer] });
    await eventually(() => {
      expect(edge.status().refusals).toMatchObject([{ about: peer, code: 'DEW_UNAVAILABLE' }]);
    });
    isUp = true;
    // A site whose edges all run is a site without a word of trouble.
    await eventually(() => {
      expect(edge.status().refusals).toEqual([]);
    });
  });

  test('nothing before there is something to tell', async () => {
    const world = await createBundleSite();
    world.bundle = undefined;
    const edge = await world.startEdge();
    expect(await ask(`${edge.url}/v1/bundle`)).toMatchObject({ status: 503, body: { code: 'LEDGER_UNAVAILABLE' } });
  });
});

test('who imports a bundle that was made for others is told so', async () => {
  const world = await createBundleSite(spec);
  const own = world.prove();
  world.bundle = undefined;
  const dataFolder = temporaryFolder();
  await world.startEdge({ dataFolder });
  const others = makeBundle({ state: ledgerOf({ devices: [deviceOf()] }), account: DEVICE, height: 5n });
  const give = (bundle: Uint8Array) =>
    callDaemon({
      folder: dataFolder,
      command: 'import-bundle',
      input: { bundle: Buffer.from(bundle).toString('base64') },
    });
  expect(await give(others)).toMatchObject({ block: { height: '5' }, untold: world.site.account });
  expect(await give(own)).toMatchObject({ block: { height: '12' }, untold: null });
});

test('a dew that has nothing newer is heard: the device is offline no longer', async () => {
  const world = await createBundleSite(spec);
  const edge = await world.startEdge({ metrics: { host: '127.0.0.1', port: 0 } });
  await runs(edge);
  const offline = async () => {
    const metrics = parseMetrics(await (await fetch(edge.metricsUrl ?? '')).text());
    return metrics.get('dewproof_offline_duration_seconds')?.samples[0]?.value;
  };
  const { bundle } = world;
  world.bundle = undefined;
  await eventually(async () => {
    expect(await offline()).toBeGreaterThan(0);
  });
  world.bundle = bundle;
  await eventually(async () => {
    expect(await offline()).toBe(0);
  });
  expect(edge.status().head?.height).toBe(11);
});

describe('what grows old', () => {
  const view = (edge: Edge) => ask(`${edge.url}/v1/resources/greenfields/climate/views/now`);
  const push = (edge: Edge) => ask(`${edge.url}/v1/resources/greenfields/climate/inputs/temperature`, undefined, '20');

  test('STALE: it runs and is read, but nobody commands it; FROZEN: nobody is let in, and nothing new starts', async () => {
    const world = await createBundleSite(spec);
    const host = { ms: WORLD_NOW_MS };
    const edge = await world.startEdge({ clock: () => host.ms });
    await runs(edge);
    expect((await push(edge)).status).toBeLessThan(300);
    host.ms += 2 * DAY_MS;
    expect((await view(edge)).status).toBe(200);
    expect((await push(edge)).body).toMatchObject({ code: 'FREEZE' });
    expect(edge.status()).toMatchObject({ resources: [{ freshness: 'STALE', state: 'RUNNING' }] });
    host.ms += 40 * DAY_MS;
    expect((await view(edge)).body).toMatchObject({ code: 'FREEZE' });
    expect(edge.status()).toMatchObject({ resources: [{ freshness: 'FROZEN', state: 'RUNNING' }] });
    // A newer head makes all of it fresh again.
    world.prove({ signedAt: GENESIS + 42n * 86_400n });
    await eventually(async () => {
      expect((await push(edge)).status).toBeLessThan(300);
    });
  });

  test('FROZEN: what its document wants stopped stops, and starts again with newer proof', async () => {
    const world = await createBundleSite({ ...spec, onDisconnect: 'stop' });
    const host = { ms: WORLD_NOW_MS };
    const dataFolder = temporaryFolder();
    const edge = await world.startEdge({ clock: () => host.ms, dataFolder });
    await runs(edge);
    host.ms += 40 * DAY_MS;
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ state: 'FINISHED', stopped: 'FREEZE' }]);
    });
    await edge.close();
    const booted = await world.startEdge({ clock: () => host.ms, dataFolder });
    await eventually(() => {
      expect(booted.status().resources).toMatchObject([{ state: 'FINISHED', stopped: 'FREEZE' }]);
    });
    world.prove({ signedAt: GENESIS + 40n * 86_400n });
    await runs(booted);
  });

  test('unpowered time is seen once witnesses sign a nonce', async () => {
    const world = await createBundleSite(spec);
    const edge = await world.startEdge({
      clock: () => 0,
      proving: {
        askNonce: ({ nonce }) => {
          expect(nonce).toMatch(/^0x[0-9a-f]{64}$/);
          const time = GENESIS + 40n * 86_400n;
          return Promise.resolve({ attestedAt: time, latestAt: time });
        },
      },
    });
    await eventually(() => {
      expect(edge.status().trust.freshness).toBe('FROZEN');
    });
    expect(edge.status().clock).toMatchObject({ credible: false });
  });
});

describe('after a suspend, which no clock that is never set sees', () => {
  const LATER = GENESIS + 10n * 86_400n;

  async function setUp(clock: () => number) {
    const world = await createBundleSite(spec);
    const witnesses = { asked: 0, say: GENESIS + 3600n };
    const askNonce = () => {
      witnesses.asked += 1;
      return Promise.resolve({ attestedAt: witnesses.say, latestAt: witnesses.say });
    };
    const edge = await world.startEdge({ clock, proving: { askNonce } });
    await runs(edge);
    await eventually(() => {
      expect(witnesses.asked).toBe(1);
    });
    return { world, witnesses, edge, height: heightOf(edge) ?? 0 };
  }

  test('a device without a clock asks witnesses, and takes what it had refused as ahead of its time', async () => {
    const { world, witnesses, edge, height } = await setUp(() => 0);
    witnesses.say = LATER;
    world.prove({ signedAt: LATER });
    await eventually(() => {
      expect(heightOf(edge)).toBe(height + 1);
    });
    expect(witnesses.asked).toBe(2);
    expect(codesOf(edge)).toContain(`${world.dew.url} PROOF_INVALID`);
  });

  test('one whose clock went on takes what is new, with no witness in reach', async () => {
    const host = { ms: WORLD_NOW_MS };
    const { world, edge, height } = await setUp(() => host.ms);
    host.ms = Number(LATER) * 1000;
    world.prove({ signedAt: LATER });
    await eventually(() => {
      expect(heightOf(edge)).toBe(height + 1);
    });
    expect(codesOf(edge)).not.toContain(`${world.dew.url} PROOF_INVALID`);
  });
});

test('a proved split freezes the device and is in its status, over a boot', async () => {
  const world = await createBundleSite(spec);
  const dataFolder = temporaryFolder();
  const edge = await world.startEdge({ dataFolder });
  await runs(edge);
  const height = BigInt(heightOf(edge) ?? 0);
  await world.site.revoke('climate', 1);
  world.prove({ height });
  const isSplit = { trust: { freshness: 'FROZEN', split: { height: height.toString() } } };
  await eventually(() => {
    expect(edge.status()).toMatchObject(isSplit);
    expect(codesOf(edge)).toContain(`${world.dew.url} EQUIVOCATION`);
  });
  await edge.close();
  const booted = await world.startEdge({ dataFolder });
  expect(booted.status()).toMatchObject(isSplit);
  expect(edge.status().resources).toMatchObject([{ version: 1 }]);
  expect(booted.status().resources.map(({ name }) => resourceOf(name))).toEqual([resourceOf('climate')]);
});

function flipped(bundle: Uint8Array | undefined): Uint8Array {
  const copy = Buffer.from(bundle ?? []);
  copy.writeUInt8(copy.readUInt8(0) ^ 4, 0);
  return copy;
}

/** Writes as fast as it is read, without an end. */
function drown(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536);
  response.writeHead(200);
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

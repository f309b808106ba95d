import { describe, expect, test } from 'vitest';
import { createBundleSite, serveBundle } from './support/bundle-site.ts';
import { startBundleServer } from './support/bundle-server.ts';
import { eventually } from './support/test-edge.ts';

describe('a server that only ever shows what is known', () => {
  async function createPinned() {
    const world = await createBundleSite();
    const shown = world.bundle;
    await world.site.revoke('climate', 1);
    const newer = world.prove();
    world.bundle = shown;
    return { world, newer, pinned: await startBundleServer(() => shown) };
  }

  test('keeps the other dew from being heard for a few turns at most', async () => {
    const { world, newer, pinned } = await createPinned();
    world.answer = (request, response) => {
      serveBundle(newer, { request, response });
    };
    const edge = await world.startEdge({ dewUrls: [pinned, world.dew.url] });
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ stopped: 'REVOKED' }]);
    });
  });

  test('as another edge keeps no third one from being heard', async () => {
    const { world, newer, pinned } = await createPinned();
    const peer = await startBundleServer(() => newer);
    const edge = await world.startEdge({ peerUrls: [pinned, peer] });
    await eventually(() => {
      expect(edge.status().resources).toMatchObject([{ stopped: 'REVOKED' }]);
    });
  });
});

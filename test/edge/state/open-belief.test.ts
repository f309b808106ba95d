import { expect, onTestFinished, test } from 'vitest';
import { openBelief, type Belief } from '../../../edge/state/open-belief.ts';
import { createRefusals } from '../../../edge/refusals.ts';
import { createDeviceMemory } from '../../../edge/store/device-memory.ts';
import { createEdgeStore, type EdgeStore } from '../../../edge/store/edge-store.ts';
import { loadMemory } from '../../../edge/store/load-memory.ts';
import {
  DEVICE,
  GENESIS,
  ledgerOf,
  makeBundle,
  openState,
  recordOf,
  without,
  worldAnchor,
} from '../support/bundle-world.ts';
import { quietLog } from '../support/test-edge.ts';
import { openTestStore } from '../support/test-store.ts';

const state = ledgerOf({ records: [recordOf('climate')] });
const TEN_YEARS = 315_360_000n;

/** A device without a clock. */
async function open(store: EdgeStore): Promise<Belief> {
  const belief = openBelief({
    memory: createDeviceMemory(await loadMemory(store), store),
    store,
    openState,
    anchor: () => worldAnchor,
    account: DEVICE,
    clock: () => 0,
    refusals: createRefusals({ clock: Date.now, log: quietLog() }),
    releasedAtMs: Number(GENESIS) * 1000,
    onHeard: () => undefined,
  });
  onTestFinished(() => belief.close());
  await belief.keeper.restore();
  return belief;
}

const seconds = ({ clock }: Belief) => Math.floor(clock.now() / 1000) - Number(GENESIS);

test("a block's time is one node's word: what witnesses vouch for is the device's, also after a power cut", async () => {
  const store = createEdgeStore(await openTestStore());
  const device = await open(store);
  await device.keeper.accept(makeBundle({ state, height: 1n, time: GENESIS + TEN_YEARS, signedAt: GENESIS + 9000n }));
  expect(seconds(device)).toBeGreaterThanOrEqual(9000);
  expect(seconds(device)).toBeLessThan(9060);
  // Not closed: what it knows is what came with the bundle.
  const booted = await open(store);
  expect(seconds(booted)).toBeGreaterThanOrEqual(9000);
  expect(seconds(booted)).toBeLessThan(9060);
});

test('bundles of one block, one after the other, are no news: the witnesses are to be asked all the same', async () => {
  const device = await open(createEdgeStore(await openTestStore()));
  const first = makeBundle({ state, height: 1n });
  await device.keeper.accept(first);
  const heardMs = device.heardMs();
  expect(heardMs).toBeGreaterThan(0);
  for (const bundle of [makeBundle({ state, height: 1n, leave: without('climate') }), first]) {
    await device.keeper.accept(bundle);
    expect(device.heardMs()).toBe(heardMs);
  }
  await device.keeper.accept(makeBundle({ state, height: 1n, signedAt: GENESIS + 2n }));
  expect(device.heardMs()).toBeGreaterThan(heardMs);
});

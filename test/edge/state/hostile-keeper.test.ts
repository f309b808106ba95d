import { describe, expect, test, vi } from 'vitest';
import { claimHead } from '../../../chain/light/make/claim-facts.ts';
import { DewproofError } from '../../../core/errors.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import type { FactKey } from '../../../core/state/verified-state.ts';
import { createWitnesses } from '../../support/test-witnesses.ts';
import {
  GENESIS,
  grantOf,
  ledgerOf,
  makeBundle,
  recordOf,
  without,
  worldAnchor,
  type BundleOf,
} from '../support/bundle-world.ts';
import { resourceOf } from '../support/site.ts';
import { openTestKeeper, type TestKeeper } from '../support/test-keeper.ts';

const record: FactKey = { kind: 'record', resource: resourceOf('climate') };
const active = ledgerOf({ records: [recordOf('climate')], grants: [grantOf('climate')] });
const revoked = ledgerOf({ records: [recordOf('climate', { status: 'revoked' })] });
const elsewhere = ledgerOf({ records: [recordOf('climate'), recordOf('weather')] });

const statusOf = ({ keeper }: TestKeeper) => keeper.newest()?.state.record(resourceOf('climate'))?.status;
const freshness = ({ keeper }: TestKeeper) => keeper.aging.freshnessOf(record);
const codeOf = (accepting: Promise<unknown>) =>
  accepting.then(
    () => 'ok',
    (error: unknown) => (error as { code: string }).code,
  );
const accept = (device: TestKeeper, of: BundleOf) => codeOf(device.keeper.accept(makeBundle(of)));
const fullDisk = ({ store }: TestKeeper) =>
  vi.spyOn(store, 'write').mockRejectedValueOnce(new DewproofError('DISK_FULL', 'full'));

/** Three witnesses whom the roots put in the place of the first three, and their anchor. */
const newcomers = createWitnesses(6).slice(3);
const rotated = (change: Partial<Anchor> = {}): Anchor => ({
  ...worldAnchor,
  finality: { kind: 'witnesses', witnesses: newcomers.map(({ name, publicKey }) => ({ name, publicKey })) },
  version: 2,
  ...change,
});
const byNewcomers = (of: Omit<BundleOf, 'signers'>): BundleOf => ({ ...of, signers: newcomers.slice(0, 2) });
const checkpointAt = (height: number, hash: `0x${string}` = `0x${'ab'.repeat(32)}`) => ({
  checkpoint: { height, hash, time: Number(GENESIS) },
});

async function split(heights: { readonly at: bigint; readonly newest?: bigint } = { at: 5n }): Promise<TestKeeper> {
  const device = await openTestKeeper();
  await device.keeper.accept(makeBundle({ state: active, height: heights.at }));
  if (heights.newest !== undefined)
    await device.keeper.accept(makeBundle({ state: elsewhere, height: heights.newest, leave: without('climate') }));
  expect(await accept(device, { state: revoked, height: heights.at })).toBe('EQUIVOCATION');
  return device;
}

describe('a proved split', () => {
  test('freezes though the disk is full, and is written as soon as it can be', async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(makeBundle({ state: active, height: 5n }));
    fullDisk(device);
    expect(await accept(device, { state: revoked, height: 5n })).toBe('DISK_FULL');
    expect(device.keeper.split()).toMatchObject({ height: 5n });
    expect(freshness(device)).toBe('FROZEN');
    expect(await accept(device, { state: active, height: 6n })).toBe('EQUIVOCATION');
    expect(freshness(await device.boot())).toBe('FROZEN');
  });

  async function damaged(): Promise<TestKeeper> {
    const device = await split();
    await device.store.write([{ kind: 'split', value: { height: 'none' } as never }]);
    return device.boot();
  }

  test('freezes though its record decayed', async () => {
    const device = await damaged();
    expect(freshness(device)).toBe('FROZEN');
    expect(await accept(device, { state: active, height: 6n })).toBe('EQUIVOCATION');
    expect(freshness(await device.boot())).toBe('FROZEN');
  });

  test('whose record decayed is lifted by an anchor newer than the one it was found by alone', async () => {
    const device = await damaged();
    device.world.anchor = { ...worldAnchor, ...checkpointAt(7) };
    await codeOf(device.keeper.restore());
    expect(freshness(device)).toBe('FROZEN');
    device.world.anchor = { ...worldAnchor, ...checkpointAt(7), version: 2 };
    await codeOf(device.keeper.restore());
    expect(device.keeper.split()).toBeUndefined();
    expect(await accept(device, { state: active, height: 8n })).toBe('ok');
    expect(freshness(device)).toBe('FRESH');
  });

  test('is not lifted by a checkpoint below the newest block, which may be of the other chain', async () => {
    const device = await split({ at: 5n, newest: 9n });
    device.world.anchor = { ...worldAnchor, ...checkpointAt(8), version: 2 };
    await codeOf(device.keeper.restore());
    expect(device.keeper.split()).toBeDefined();
    device.world.anchor = { ...worldAnchor, ...checkpointAt(10), version: 3 };
    await codeOf(device.keeper.restore());
    expect(device.keeper.split()).toBeUndefined();
  });
});

describe('names that a server assigns', () => {
  // Of no resource at all; of another group's it is the same.
  const names = Array.from({ length: 20 }, (_, index) => `foreign-${index}`);
  async function filled(): Promise<TestKeeper> {
    const device = await openTestKeeper({ assigned: ['climate', ...names] });
    await device.keeper.accept(makeBundle({ state: active, height: 1n }));
    for (const [index, name] of names.entries()) {
      const leave = () => ({ heads: [claimHead(resourceOf(name), active)], grants: [], members: [] });
      expect(await accept(device, { state: active, height: BigInt(index + 2), leave })).toBe('ok');
    }
    return device;
  }

  test('lock no honest bundle out, however many they are', async () => {
    const device = await filled();
    expect(statusOf(device)).toBe('active');
    expect(await accept(device, { state: revoked, height: 99n })).toBe('ok');
    expect(statusOf(device)).toBe('revoked');
    expect(await device.store.digests('bundles')).toHaveLength(1);
  });

  test('have nobody accused who does not tell of them', async () => {
    const { keeper } = await filled();
    expect((await keeper.accept(makeBundle({ state: active, height: 99n }))).leftOut).toEqual([]);
  });
});

describe('an anchor that comes while a device runs', () => {
  test('brings nothing revoked back that the disk did not take', async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(makeBundle({ state: active, height: 1n }));
    fullDisk(device);
    expect(await accept(device, { state: revoked, height: 3n })).toBe('DISK_FULL');
    device.world.anchor = { ...worldAnchor, version: 2 };
    await device.keeper.restore();
    expect(statusOf(device)).toBe('revoked');
    expect(await accept(device, { state: active, height: 2n })).toBe('ROLLBACK');
  });

  test('leaves what still opens believed meanwhile', async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(makeBundle({ state: active, height: 1n }));
    device.world.anchor = { ...worldAnchor, version: 2 };
    const read = vi.spyOn(device.store, 'bytes');
    await device.keeper.restore();
    // Whoever asks is answered all the while: there is nothing to wait for.
    expect(read).not.toHaveBeenCalled();
    expect(statusOf(device)).toBe('active');
  });

  test('has nothing believed that it does not open, and none of that counts as fresh', async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(makeBundle({ state: active, height: 1n }));
    device.world.anchor = rotated();
    expect(await codeOf(device.keeper.restore())).toBe('PROOF_INVALID');
    expect(device.keeper.newest()).toBeUndefined();
    expect(freshness(device)).toBe('FROZEN');
    expect(await accept(device, { state: active, height: 2n })).toBe('PROOF_INVALID');
    expect(await accept(device, byNewcomers({ state: active, height: 2n }))).toBe('ok');
    expect(freshness(device)).toBe('FRESH');
    expect(statusOf(await device.boot())).toBe('active');
  });

  test("has no split found between the old signers' word and the new ones'", async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(makeBundle({ state: active, height: 5n }));
    device.world.anchor = rotated();
    expect(await accept(device, byNewcomers({ state: revoked, height: 5n }))).toBe('EQUIVOCATION');
    expect(device.keeper.split()).toBeUndefined();
  });

  describe('after signers who wound the height far forward', () => {
    const far = { state: active, height: 2n ** 60n, time: GENESIS + 5n };
    const true6 = byNewcomers({ state: revoked, height: 6n, time: GENESIS + 6n });
    async function wound(): Promise<TestKeeper> {
      const device = await openTestKeeper();
      expect(await accept(device, far)).toBe('ok');
      return device;
    }

    test.each(['running', 'booted'])('has true blocks count again from its checkpoint on (%s)', async (how) => {
      const device = await wound();
      device.world.anchor = rotated(checkpointAt(5));
      const after = how === 'booted' ? await bootRefused(device) : device;
      await codeOf(after.keeper.restore());
      expect(await accept(after, byNewcomers({ state: active, height: 4n }))).toBe('ROLLBACK');
      expect(await accept(after, true6)).toBe('ok');
      expect(statusOf(await after.boot())).toBe('revoked');
    });

    test('lets nothing older count without a checkpoint', async () => {
      const device = await wound();
      device.world.anchor = rotated();
      await codeOf(device.keeper.restore());
      expect(await accept(device, true6)).toBe('ROLLBACK');
    });

    test('lets nothing older count where it is not newer, or the disk lost what was believed', async () => {
      const device = await wound();
      device.world.anchor = rotated({ ...checkpointAt(5), version: 1 });
      await codeOf(device.keeper.restore());
      expect(await accept(device, true6)).toBe('ROLLBACK');
      const decayed = await wound();
      const digest = decayed.memory.head?.bundle;
      if (digest === undefined) throw new Error('nothing is stored');
      await decayed.store.write([{ kind: 'bytes', in: 'bundles', digest, value: makeBundle(true6) }]);
      decayed.world.anchor = rotated(checkpointAt(5));
      expect(await accept(await bootRefused(decayed), true6)).toBe('ROLLBACK');
    });
  });
});

test('a bundle that is known and on disk is not written again, unless the disk is found to have lost it', async () => {
  const device = await openTestKeeper();
  const bundle = makeBundle({ state: active, height: 1n });
  await device.keeper.accept(bundle);
  const write = vi.spyOn(device.store, 'write');
  await device.keeper.accept(bundle);
  expect(write).not.toHaveBeenCalled();
  const digest = device.memory.head?.bundle;
  if (digest === undefined) throw new Error('nothing is stored');
  await device.store.write([{ kind: 'bytes', in: 'bundles', digest, value: undefined }]);
  expect(await codeOf(device.keeper.readBack())).toBe('STORE_CORRUPT');
  await device.keeper.accept(bundle);
  expect(await codeOf(device.keeper.readBack())).toBe('ok');
});

test('nothing counts as fresh of which nobody told', async () => {
  expect(freshness(await openTestKeeper())).toBe('FROZEN');
});

/** Boots a device whose anchor refuses what it has. */
async function bootRefused(device: TestKeeper): Promise<TestKeeper> {
  return device.boot().catch(() => device.open());
}

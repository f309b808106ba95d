import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import { sublevelOf, type Store } from '../../../platform/store/open-store.ts';
import { ledgerOf, makeBundle, recordOf } from '../support/bundle-world.ts';
import { resourceOf } from '../support/site.ts';
import { openTestKeeper } from '../support/test-keeper.ts';
import { openTestStore } from '../support/test-store.ts';

const many = Array.from({ length: 40 }, (_, index) => recordOf(`barn-${index}`));
const state = ledgerOf({ records: [recordOf('climate'), ...many] });
const bundles = [1n, 2n, 3n, 4n].map((height) => makeBundle({ state, height }));
const [first, second, third, fourth] = bundles as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

const keysOf = (database: Store, name: string) => sublevelOf(database, name).keys().all();
const wholesOf = (database: Store) => database.sublevel<string, Buffer>('bundles', { valueEncoding: 'buffer' });

/** A device that took three heads under which no fact changed, after a power cut. */
async function setUp() {
  const database = await openTestStore();
  const device = await openTestKeeper({ database });
  for (const bundle of [first, second, third]) await device.keeper.accept(bundle);
  expect(await keysOf(database, 'bundles')).toEqual([digestOf(first)]);
  expect(await keysOf(database, 'bundle-deltas')).toEqual([`${digestOf(third)} ${digestOf(first)}`]);
  return { database, device };
}

describe('newer heads, written as what differs', () => {
  test('are read back after a power cut, and nothing older counts', async () => {
    const { device } = await setUp();
    expect(await device.store.digests('bundles')).toEqual([digestOf(third)]);
    const booted = await device.boot();
    expect(booted.keeper.newest()?.digest).toBe(digestOf(third));
    expect(booted.keeper.newest()?.state.record(resourceOf('barn-7'))?.status).toBe('active');
    await expect(booted.keeper.accept(second)).rejects.toMatchObject({ code: 'ROLLBACK' });
  });

  test('are found where the record of the newest is lost', async () => {
    const { database, device } = await setUp();
    await sublevelOf(database, 'records').del('head');
    const booted = await device.boot();
    expect(booted.keeper.newest()?.digest).toBe(digestOf(third));
    await expect(booted.keeper.accept(second)).rejects.toMatchObject({ code: 'ROLLBACK' });
  });

  test.each(['decayed', 'is gone'])('are asked for anew where what they differ from %s', async (how) => {
    const { database, device } = await setUp();
    const value = Buffer.from((await wholesOf(database).get(digestOf(first))) ?? []);
    value.writeUInt8(value.readUInt8(value.length >> 1) ^ 4, value.length >> 1);
    if (how === 'decayed') await wholesOf(database).put(digestOf(first), value);
    else await wholesOf(database).del(digestOf(first));
    await expect(device.keeper.readBack()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    const booted = await device.open();
    await expect(booted.keeper.restore()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(booted.keeper.newest()).toBeUndefined();
    await expect(booted.keeper.accept(second)).rejects.toMatchObject({ code: 'ROLLBACK' });
    await booted.keeper.accept(fourth);
    await booted.keeper.readBack();
    expect((await booted.boot()).keeper.newest()?.digest).toBe(digestOf(fourth));
    expect(await keysOf(database, 'bundles')).toEqual([digestOf(fourth)]);
  });
});

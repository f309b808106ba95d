import { describe, expect, onTestFinished, test } from 'vitest';
import { resourceIdOf } from '../../../core/ids.ts';
import { createKeyValuesStore } from '../../../edge/kv/key-values-store.ts';
import type { Sublevel } from '../../../platform/store/open-store.ts';
import { openTestLevel } from '../support/test-store.ts';

const BARN = resourceIdOf({ tenant: 'greenfields', name: 'barn' });
const OTHER = resourceIdOf({ tenant: 'greenfields', name: 'barn-2' });

function storeOn(level: Sublevel) {
  const store = createKeyValuesStore({ level, onCommit: () => undefined });
  onTestFinished(() => store.close());
  return store;
}

describe('keys and values', () => {
  test('outlive the store, and what is deleted stays so', async () => {
    const level = await openTestLevel();
    const store = storeOn(level);
    const barn = await store.open(BARN);
    barn.put('a', { deep: [1, 'two', null] });
    barn.put('gone', 1);
    await store.commit();
    barn.delete('gone');
    barn.put('é/../\u0000', true);
    await store.close();
    const again = await storeOn(level).open(BARN);
    expect(again.keys()).toEqual(['a', 'é/../\u0000']);
    expect(again.get('a')).toEqual({ deep: [1, 'two', null] });
    expect(again.get('gone')).toBeUndefined();
  });

  test('are written by themselves', async () => {
    const level = await openTestLevel();
    const committed = Promise.withResolvers<unknown>();
    const store = createKeyValuesStore({ level, onCommit: committed.resolve });
    onTestFinished(() => store.close());
    (await store.open(BARN)).put('a', 1);
    expect(await committed.promise).toBeUndefined();
    expect((await storeOn(level).open(BARN)).get('a')).toBe(1);
  });

  test('are each resource’s own, whatever the keys are', async () => {
    const level = await openTestLevel();
    const store = storeOn(level);
    const barn = await store.open(BARN);
    for (const key of [`../${OTHER}/a`, `${OTHER}/a`, '/', '~', '\u{10ffff}']) barn.put(key, 'mine');
    (await store.open(OTHER)).put('a', 'other');
    await store.close();
    const again = storeOn(level);
    expect((await again.open(OTHER)).keys()).toEqual(['a']);
    expect((await again.open(BARN)).keys()).toHaveLength(5);
  });

  test('are the same for every version that is open', async () => {
    const store = storeOn(await openTestLevel());
    (await store.open(BARN)).put('a', 1);
    expect((await store.open(BARN)).get('a')).toBe(1);
  });

  test('change only by being put', async () => {
    const barn = await storeOn(await openTestLevel()).open(BARN);
    const list = [1];
    barn.put('a', list);
    list.push(2);
    (barn.get('a') as number[]).push(3);
    expect(barn.get('a')).toEqual([1]);
  });

  test.each([
    ['an empty key', '', 1, 'SCHEMA'],
    ['a long key', 'é'.repeat(129), 1, 'SCHEMA'],
    ['a key that is not Unicode', '\ud800', 1, 'SCHEMA'],
    ['a large value', 'a', 'x'.repeat(16_384), 'SCHEMA'],
    ['a value that is not Unicode', 'a', '\ud800', 'SCHEMA'],
    ['a value that JSON can not hold', 'a', undefined, 'SCHEMA'],
    ['a deep value', 'a', JSON.parse('['.repeat(20) + ']'.repeat(20)), 'TOO_DEEP'],
  ])('refuse %s', async (_, key, value, code) => {
    const barn = await storeOn(await openTestLevel()).open(BARN);
    expect(() => {
      barn.put(key, value as never);
    }).toThrow(expect.objectContaining({ code }));
    expect(barn.keys()).toEqual([]);
  });

  test('are at most 1,000, and 1 MiB together', async () => {
    const barn = await storeOn(await openTestLevel()).open(BARN);
    for (let index = 0; index < 1_000; index += 1) barn.put(String(index), 1);
    const full = expect.objectContaining({ code: 'DISK_FULL' }) as Error;
    expect(() => {
      barn.put('one more', 1);
    }).toThrow(full);
    barn.delete('0');
    barn.put('one more', 1);
    const large = 'x'.repeat(16_000);
    expect(() => {
      for (let index = 1; index < 1_000; index += 1) barn.put(String(index), large);
    }).toThrow(full);
    expect(barn.get('999')).toBe(1);
    for (let index = 1; index < 100; index += 1) barn.delete(String(index));
    barn.put('999', large);
  });

  test('are read without those that decayed on the disk', async () => {
    const level = await openTestLevel();
    const store = storeOn(level);
    const barn = await store.open(BARN);
    barn.put('a', 'good');
    barn.put('b', 'bad');
    await store.close();
    const [key = ''] = (await level.keys({ gte: `${BARN}/`, lt: `${BARN}/~` }).all()).slice(-1);
    await level.put(key, ((await level.get(key)) ?? '').replace('bad', 'bed'));
    await level.put(`${BARN}/zz`, 'nothing');
    const again = storeOn(level);
    expect((await again.open(BARN)).keys()).toEqual(['a']);
    expect(again.corrupt(BARN)).toBe(2);
    (await again.open(BARN)).put('b', 'mended');
    await again.close();
    expect((await storeOn(level).open(BARN)).get('b')).toBe('mended');
  });

  test('wait for a disk that did not take them', async () => {
    const level = await openTestLevel();
    let isFull = true;
    const failing = new Proxy(level, {
      get: (target, name) => {
        if (name === 'batch' && isFull) return () => Promise.reject(new Error('IO error: No space left on device'));
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const store = storeOn(failing);
    (await store.open(BARN)).put('a', 1);
    await expect(store.commit()).rejects.toMatchObject({ code: 'DISK_FULL' });
    isFull = false;
    await store.commit();
    expect((await storeOn(level).open(BARN)).get('a')).toBe(1);
  });
});

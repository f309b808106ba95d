import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf, type Digest } from '../../../core/digest.ts';
import { createEdgeStore, type EdgeStore, type StoreChange } from '../../../edge/store/edge-store.ts';
import type { Store } from '../../../platform/store/open-store.ts';
import { openTestStore } from '../support/test-store.ts';
import { bytesOf } from './support/related-bytes.ts';

const FACTS = 8_000;

/** A bundle of one registry's facts as they were at some height: a head, facts, and between them what changes with both. */
function bundleAt({ height, facts = 0, registry = 0 }: { height: number; facts?: number; registry?: number }) {
  const all = bytesOf(registry, { length: FACTS });
  all.set(bytesOf(facts, { length: 500 }), 3_000);
  const parts = [bytesOf(height, { length: 300 + (height % 7) }), all, bytesOf(height + 1_000), all.subarray(0, 1_000)];
  return new Uint8Array(Buffer.concat(parts));
}

const put = (value: Uint8Array): StoreChange => ({ kind: 'bytes', in: 'bundles', digest: digestOf(value), value });
const drop = (value: Uint8Array): StoreChange => ({ ...put(value), value: undefined }) as StoreChange;
const read = (store: EdgeStore, value: Uint8Array) => store.bytes({ in: 'bundles', digest: digestOf(value) });

/** All that the disk holds of bundles, by part. */
async function partsOf(database: Store) {
  const part = (name: string) => database.sublevel<string, Buffer>(name, { valueEncoding: 'buffer' }).iterator().all();
  const [wholes, deltas, bases] = await Promise.all(['bundles', 'bundle-deltas', 'bundle-bases'].map(part));
  return { wholes: wholes ?? [], deltas: deltas ?? [], bases: bases ?? [] };
}

/** A database whose batches are in the test's hands. */
function withBatch(database: Store, onBatch: (writeNow: () => Promise<void>) => Promise<void>): Store {
  const batch = (operations: never[], options: object) => onBatch(() => database.batch(operations, options));
  return { sublevel: database.sublevel.bind(database), batch } as unknown as Store;
}

async function bytesHeld(database: Store): Promise<number> {
  const { wholes, deltas } = await partsOf(database);
  return [...wholes, ...deltas].reduce((sum, [, value]) => sum + value.length, 0);
}

async function flipBit(database: Store, { digest, at }: { digest: Digest; at: number }): Promise<void> {
  const wholes = database.sublevel<string, Buffer>('bundles', { valueEncoding: 'buffer' });
  const value = Buffer.from((await wholes.get(digest)) ?? Buffer.alloc(1));
  value.writeUInt8(value.readUInt8(at % value.length) ^ 1, at % value.length);
  await wholes.put(digest, value);
}

describe('what is kept of bundles', () => {
  const bundle = fc
    .record({ height: fc.nat(2), facts: fc.nat(1), registry: fc.nat(1) })
    .map((one) => ({ value: bundleAt(one), isKept: true }));
  const change = fc.oneof(
    bundle,
    bundle.map((one) => ({ ...one, isKept: false })),
  );
  const batch = fc.record({
    changes: fc.uniqueArray(change, { selector: ({ value }) => digestOf(value), minLength: 1, maxLength: 5 }),
    // What becomes of it: the power is cut before or after it is on disk, or goes on.
    cut: fc.constantFrom('before', 'after', undefined, undefined),
    sweeps: fc.boolean(),
  });

  test('is what was written last, and nothing else, wherever the power is cut', async () => {
    const database = await openTestStore();
    const names = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 8 }), async (batches) => {
        let cutAt: string | undefined;
        const cutDatabase = withBatch(database, async (writeNow) => {
          if (cutAt !== 'before') await writeNow();
          if (cutAt !== undefined) throw new Error('the power is gone');
        });
        let store = createEdgeStore(cutDatabase);
        const held = new Map<Digest, Uint8Array>();
        const write = async (changes: readonly StoreChange[], cut: string | undefined) => {
          cutAt = cut;
          const written = store.write(changes);
          if (cut === undefined) return written;
          await expect(written).rejects.toThrow('the power is gone');
          store = createEdgeStore(cutDatabase);
        };
        for (const { changes, cut, sweeps } of batches) {
          const kept = changes.filter(({ isKept }) => isKept).map(({ value }) => put(value));
          const gone = changes.filter(({ isKept }) => !isKept).map(({ value }) => drop(value));
          // As for each newer head: the one before goes.
          const swept = [...held.values()].filter(
            (one) => !changes.some(({ value }) => digestOf(value) === digestOf(one)),
          );
          const all = [...kept, ...gone, ...(sweeps ? swept.map(drop) : [])];
          await write(all, cut);
          if (cut !== 'before') {
            if (sweeps) held.clear();
            for (const { value, isKept } of changes) {
              if (isKept) held.set(digestOf(value), value);
              else held.delete(digestOf(value));
            }
          }
          expect(new Set(await store.digests('bundles'))).toEqual(new Set(held.keys()));
          for (const one of held.values()) expect(digestOf((await read(store, one)) ?? bytesOf(0))).toBe(digestOf(one));
          for (const { value } of changes) {
            if (!held.has(digestOf(value))) expect(await read(store, value)).toBeUndefined();
          }
          const { wholes, deltas, bases } = await partsOf(database);
          const used = new Set(deltas.map(([key]) => key.split(' ')[1]));
          expect(wholes.every(([key]) => held.has(key as Digest) || used.has(key))).toBe(true);
          expect(bases.every(([key]) => !held.has(key as Digest) && used.has(key))).toBe(true);
          expect(wholes.length + deltas.length).toBeLessThanOrEqual(held.size + bases.length);
          for (const [name, { length }] of Object.entries({ wholes, deltas, bases })) if (length > 0) names.add(name);
        }
        await write([...held.values()].map(drop), undefined);
        expect(await partsOf(database)).toEqual({ wholes: [], deltas: [], bases: [] });
      }),
      { numRuns: 60 },
    );
    expect(names).toEqual(new Set(['wholes', 'deltas', 'bases']));
  });

  test('is a tenth at most for a head that changes no fact, and soon again after facts changed', async () => {
    const database = await openTestStore();
    const store = createEdgeStore(database);
    const sizes: number[] = [];
    let last = bundleAt({ height: 0 });
    await store.write([put(last)]);
    let before = await bytesHeld(database);
    expect(before).toBe(last.length);
    for (let height = 1; height < 60; height += 1) {
      const next = bundleAt({ height, facts: height < 20 ? 0 : 1 });
      await store.write([put(next), drop(last)]);
      const now = await bytesHeld(database);
      sizes.push(now);
      [last, before] = [next, now];
    }
    const overhead = sizes.map((size) => size - last.length);
    // One whole one, and one that differs from it: never more.
    expect(Math.max(...overhead)).toBeLessThan(last.length / 8);
    expect(overhead.at(-1)).toBeLessThan(500);
  });

  test('goes on from what another start left', async () => {
    const database = await openTestStore();
    const [first, next] = [bundleAt({ height: 1 }), bundleAt({ height: 2 })];
    // As it was written before there were differences.
    await database.sublevel<string, Uint8Array>('bundles', { valueEncoding: 'view' }).put(digestOf(first), first);
    const store = createEdgeStore(database);
    expect(await read(store, first)).toEqual(Buffer.from(first));
    expect(await store.digests('bundles')).toEqual([digestOf(first)]);
    await store.write([put(next), drop(first)]);
    expect(await bytesHeld(database)).toBeLessThan(first.length + 600);
    expect(await read(createEdgeStore(database), next)).toEqual(next);
  });
});

describe('a whole bundle from which others differ', () => {
  async function setUp() {
    const database = await openTestStore();
    const store = createEdgeStore(database);
    const [base, one, other] = [bundleAt({ height: 1 }), bundleAt({ height: 2 }), bundleAt({ height: 3 })];
    await store.write([put(base)]);
    await store.write([put(one), put(other)]);
    expect((await partsOf(database)).deltas).toHaveLength(2);
    return { database, store, base, one, other };
  }

  test('that decayed gives none of them, and newer ones do not differ from it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (at) => {
        const { database, store, base, one } = await setUp();
        await flipBit(database, { digest: digestOf(base), at });
        const found = await read(store, one);
        if (found !== undefined) expect(digestOf(found)).toBe(digestOf(one));
        const next = bundleAt({ height: 4 });
        await store.write([put(next)]);
        expect(await read(store, next)).toEqual(Buffer.from(next));
        expect((await partsOf(database)).wholes.map(([key]) => key)).toContain(digestOf(next));
      }),
      { numRuns: 5 },
    );
  });

  test('that decayed, or is gone, is mended by writing it, or them, once more', async () => {
    const { database, store, base, one, other } = await setUp();
    await flipBit(database, { digest: digestOf(base), at: 4_000 });
    expect(await read(store, one)).toBeUndefined();
    await store.write([put(one)]);
    expect(await read(store, one)).toEqual(Buffer.from(one));
    expect(await read(store, other)).toBeUndefined();
    await store.write([put(base)]);
    expect(await read(store, other)).toEqual(other);
    await database.sublevel('bundles').del(digestOf(base));
    expect(await read(store, other)).toBeUndefined();
    await store.write([put(other)]);
    expect(await read(store, other)).toEqual(other);
  });

  test('stays for them, untold of, and goes with the last', async () => {
    const { database, store, base, one, other } = await setUp();
    await store.write([drop(base)]);
    expect(await read(store, base)).toBeUndefined();
    expect(new Set(await store.digests('bundles'))).toEqual(new Set([digestOf(one), digestOf(other)]));
    await store.write([put(base)]);
    expect(await read(store, base)).toEqual(Buffer.from(base));
    expect(await store.digests('bundles')).toContain(digestOf(base));
    await store.write([drop(one), drop(base)]);
    expect(await read(createEdgeStore(database), other)).toEqual(other);
    await store.write([drop(other)]);
    expect(await partsOf(database)).toEqual({ wholes: [], deltas: [], bases: [] });
  });

  test('is not read while a change is under way', async () => {
    const { database, one } = await setUp();
    const letGo = Promise.withResolvers<undefined>();
    const slow = withBatch(database, async (writeNow) => {
      await letGo.promise;
      await writeNow();
    });
    const store = createEdgeStore(slow);
    const order: string[] = [];
    const writing = store.write([put(bundleAt({ height: 9, registry: 1 }))]).then(() => order.push('written'));
    const reading = read(store, one).then((found) => order.push(found === undefined ? 'gone' : 'read'));
    letGo.resolve(undefined);
    await Promise.all([writing, reading]);
    expect(order).toEqual(['written', 'read']);
  });
});

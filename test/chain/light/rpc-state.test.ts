import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytes32Of, digestOfByte, stepArbitrary } from '../../../chain/conformance/command-arbitrary.ts';
import { createRpcStateSource, openRpcState } from '../../../chain/light/rpc-state.ts';
import { openBundle, sealBundle } from '../../../chain/light/seal-bundle.ts';
import { hasCode } from '../../../core/errors.ts';
import type { Ledger } from '../../../core/ledger/ledger.ts';
import { sliceState } from '../../../core/ledger/slice.ts';
import { createMemoryTenant, groupA, groupB, resourceA, resourceB, type MemoryTenant } from './memory-tenant.ts';

const sealKey = new Uint8Array(32).fill(7);
const HOUR_MS = 3_600_000;

interface Watcher {
  next(): Promise<IteratorResult<Uint8Array>>;
  readonly troubles: Error[];
  stop(): void;
}

function watch(
  tenant: MemoryTenant,
  { known, maxQuietMs = HOUR_MS }: { known?: Uint8Array; maxQuietMs?: number } = {},
): Watcher {
  const account = tenant.accounts.device;
  const source = createRpcStateSource({ ledger: tenant.chain.ledgerOf(), account, sealKey, maxQuietMs });
  const ending = new AbortController();
  const troubles: Error[] = [];
  const onTrouble = (error: Error): void => void troubles.push(error);
  const bundles = source.watch({ known, signal: ending.signal, onTrouble })[Symbol.asyncIterator]();
  return {
    next: () => bundles.next(),
    troubles,
    stop: () => {
      ending.abort();
    },
  };
}

async function nextBundle(watcher: Watcher): Promise<Uint8Array> {
  const result = await watcher.next();
  if (result.done) throw new Error('the watch ended');
  return result.value;
}

async function nextState(watcher: Watcher, { chain }: MemoryTenant) {
  return openRpcState(sealKey)(await nextBundle(watcher), chain.anchor(), 0n);
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(
    () => undefined,
    (error: unknown) => (hasCode(error) ? error.code : String(error)),
  );
}

describe('a state source that follows the ledger', () => {
  test('yields the whole state at once, at the head alone', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    await tenant.activate(resourceA, { version: 1n, group: groupA });
    await tenant.activate(resourceA, { version: 2n, group: groupA });
    const watcher = watch(tenant);
    const state = await nextState(watcher, tenant);
    expect(state.record(resourceA)?.version).toBe(2n);
    expect(state.block).toEqual(await tenant.chain.ledgerOf().head());
    watcher.stop();
  });

  test('yields what concerns the device, and nothing for what does not', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    const watcher = watch(tenant);
    await nextBundle(watcher);
    const pending = nextState(watcher, tenant);
    await tenant.activate(resourceB, { version: 1n, group: groupB });
    tenant.chain.mine();
    await tenant.submit({
      actor: 'registrar',
      command: {
        type: 'enrol-device',
        account: tenant.accounts.stranger,
        kind: 'edge',
        group: groupA,
        profile: undefined,
      },
    });
    await tenant.activate(resourceA, { version: 1n, group: groupA });
    const state = await pending;
    expect(state.record(resourceA)?.version).toBe(1n);
    expect(state.record(resourceB)).toBeUndefined();
    watcher.stop();
  });

  test('yields a newer head where nothing else is new, not before maxQuietMs', async () => {
    const tenant = createMemoryTenant();
    const watcher = watch(tenant, { maxQuietMs: 200 });
    // The time counts from the bundle before, which this thread may hear of late.
    const began = performance.now();
    await nextBundle(watcher);
    tenant.chain.mine();
    const state = await nextState(watcher, tenant);
    expect(performance.now() - began).toBeGreaterThan(150);
    expect(state.block.height).toBe(1n);
    watcher.stop();
  });

  test('resumes from what is known, and yields at once where there is something newer', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    await tenant.activate(resourceA, { version: 1n, group: groupA });
    const first = watch(tenant);
    const known = await nextBundle(first);
    first.stop();
    for (const version of [5n, 6n, 7n]) await tenant.activate(resourceB, { version, group: groupA });
    const second = watch(tenant, { known });
    const state = await nextState(second, tenant);
    expect(state.record(resourceB)?.version).toBe(7n);
    expect(state.resourcesOf(groupA)).toEqual([resourceA, resourceB]);
    second.stop();
  });

  test('passes over what is history by the time it is read', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    const first = watch(tenant);
    const known = await nextBundle(first);
    first.stop();
    for (const version of [1n, 2n, 3n]) await tenant.activate(resourceA, { version, group: groupA });
    // A node that takes a while for each block.
    const ledger = tenant.chain.ledgerOf();
    const slow: Ledger = {
      ...ledger,
      events: async function* (options) {
        for await (const batch of ledger.events(options)) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          yield batch;
        }
      },
    };
    const source = createRpcStateSource({ ledger: slow, account: tenant.accounts.device, sealKey });
    const ending = new AbortController();
    for await (const bundle of source.watch({ known, signal: ending.signal, onTrouble: () => undefined })) {
      const state = openRpcState(sealKey)(bundle, tenant.chain.anchor(), 0n);
      expect(state.record(resourceA)?.version).toBe(3n);
      ending.abort();
    }
  });

  test('resumes and yields a newer head at once, even if it says nothing else', async () => {
    const tenant = createMemoryTenant();
    const first = watch(tenant);
    const known = await nextBundle(first);
    first.stop();
    tenant.chain.mine();
    const second = watch(tenant, { known });
    expect((await nextState(second, tenant)).block.height).toBe(1n);
    second.stop();
  });

  test('reads anew from the beginning when the device is moved to another group', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    await tenant.activate(resourceB, { version: 1n, group: groupB });
    const watcher = watch(tenant);
    expect((await nextState(watcher, tenant)).record(resourceB)).toBeUndefined();
    const pending = nextState(watcher, tenant);
    await tenant.move(groupB);
    expect((await pending).resourcesOf(groupB)).toEqual([resourceB]);
    const enrolled = nextState(watcher, tenant);
    await tenant.activate(resourceB, { version: 2n, group: groupB });
    expect((await enrolled).record(resourceB)?.version).toBe(2n);
    watcher.stop();
  });

  test('knows of a device that moves into the group all that the ledger says, also where it was elsewhere before', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    const account = `0x${'d2'.repeat(20)}` as const;
    const command = { type: 'enrol-device', account, kind: 'edge', group: groupB, profile: undefined } as const;
    await tenant.submit({ actor: 'registrar', command });
    const watcher = watch(tenant);
    expect((await nextState(watcher, tenant)).device(account)).toBeUndefined();
    const moved = nextState(watcher, tenant);
    await tenant.submit({ actor: 'registrar', command: { type: 'set-device-group', account, group: groupA } });
    expect((await moved).device(account)).toMatchObject({ kind: 'edge', status: 'active', group: groupA });
    const left = nextState(watcher, tenant);
    await tenant.submit({ actor: 'registrar', command: { type: 'set-device-group', account, group: groupB } });
    expect((await left).device(account)).toBeUndefined();
    watcher.stop();
  });

  test('also when that happened while it was away', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    await tenant.activate(resourceB, { version: 1n, group: groupB });
    const first = watch(tenant);
    const known = await nextBundle(first);
    first.stop();
    await tenant.move(groupB);
    const second = watch(tenant, { known });
    expect((await nextState(second, tenant)).resourcesOf(groupB)).toEqual([resourceB]);
    second.stop();
  });

  test('serves a device that is not enrolled yet, and the same device when it is', async () => {
    const tenant = createMemoryTenant();
    await tenant.activate(resourceA, { version: 1n, group: groupA });
    const watcher = watch(tenant);
    expect((await nextState(watcher, tenant)).device(tenant.accounts.device)).toBeUndefined();
    const pending = nextState(watcher, tenant);
    await tenant.enrol(groupA);
    expect((await pending).resourcesOf(groupA)).toEqual([resourceA]);
    watcher.stop();
  });

  test('outlives an outage, tells of it, and then yields the end alone of what was missed', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    const watcher = watch(tenant);
    await nextBundle(watcher);
    tenant.chain.setReachable(false);
    const pending = nextState(watcher, tenant);
    await expect.poll(() => watcher.troubles).toMatchObject([{ code: 'LEDGER_UNAVAILABLE' }]);
    tenant.chain.setReachable(true);
    for (const version of [1n, 2n, 3n]) await tenant.activate(resourceA, { version, group: groupA });
    expect((await pending).record(resourceA)?.version).toBe(3n);
    watcher.stop();
  });

  test('waits for a ledger that is not there yet', async () => {
    const tenant = createMemoryTenant();
    tenant.chain.setReachable(false);
    const watcher = watch(tenant);
    const pending = nextState(watcher, tenant);
    await expect.poll(() => watcher.troubles.length).toBeGreaterThan(0);
    tenant.chain.setReachable(true);
    expect((await pending).block.height).toBe(0n);
    watcher.stop();
  });

  test('waits for a ledger that lost its last blocks', async () => {
    const tenant = createMemoryTenant();
    for (let blocks = 0; blocks < 3; blocks++) tenant.chain.mine();
    const first = watch(tenant);
    const known = await nextBundle(first);
    first.stop();
    tenant.chain.dropBlocks(2);
    const second = watch(tenant, { known });
    const pending = codeOf(second.next());
    await expect.poll(() => second.troubles).toMatchObject([{ code: 'LEDGER_BEHIND' }]);
    second.stop();
    expect(await pending).toBeUndefined();
  });

  test('refuses another history, at the beginning and while it watches', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    const first = watch(tenant);
    const known = await nextBundle(first);
    const pending = codeOf(first.next());
    tenant.chain.rewriteHistory();
    expect(await pending).toBe('EQUIVOCATION');
    expect(await codeOf(watch(tenant, { known }).next())).toBe('EQUIVOCATION');
  });

  test('refuses another history that comes with another group', async () => {
    const tenant = createMemoryTenant();
    await tenant.enrol(groupA);
    const ledger = tenant.chain.ledgerOf();
    let reads = 0;
    // The moment the device learns of its new group, the node serves other blocks to read from the beginning.
    const account = tenant.accounts.device;
    const swapped = {
      ...ledger,
      events: (options: Parameters<typeof ledger.events>[0]) => {
        if (options.after === undefined && reads++ === 1) tenant.chain.rewriteHistory();
        return ledger.events(options);
      },
    };
    const source = createRpcStateSource({ ledger: swapped, account, sealKey });
    const bundles = source.watch({
      known: undefined,
      signal: new AbortController().signal,
      onTrouble: () => undefined,
    });
    const iterator = bundles[Symbol.asyncIterator]();
    await iterator.next();
    const pending = codeOf(iterator.next());
    await tenant.move(groupB);
    expect(await pending).toBe('EQUIVOCATION');
  });

  test('refuses another chain, a broken bundle and one of another device', async () => {
    const tenant = createMemoryTenant();
    const watcher = watch(tenant);
    const known = await nextBundle(watcher);
    watcher.stop();
    expect(await codeOf(watch(createMemoryTenant('other'), { known }).next())).toBe('WRONG_CHAIN');
    expect(await codeOf(watch(tenant, { known: known.subarray(1) }).next())).toBe('PROOF_INVALID');
    const foreign = sealBundle({ ...openBundle(known, sealKey), account: tenant.accounts.stranger }, sealKey);
    expect(await codeOf(watch(tenant, { known: foreign }).next())).toBe('WRONG_DEVICE');
  });

  test('ends when aborted and when closed', async () => {
    const tenant = createMemoryTenant();
    const watcher = watch(tenant);
    await nextBundle(watcher);
    const pending = watcher.next();
    watcher.stop();
    expect(await pending).toEqual({ value: undefined, done: true });
    const source = createRpcStateSource({ ledger: tenant.chain.ledgerOf(), account: tenant.accounts.device, sealKey });
    const { signal } = new AbortController();
    const bundles = source.watch({ known: undefined, signal, onTrouble: () => undefined })[Symbol.asyncIterator]();
    await bundles.next();
    const waiting = bundles.next();
    await source.close();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  test('ends where its reader leaves', async () => {
    const tenant = createMemoryTenant();
    const account = tenant.accounts.device;
    const source = createRpcStateSource({ ledger: tenant.chain.ledgerOf(), account, sealKey, maxQuietMs: 0 });
    const signal = new AbortController().signal;
    let taken = 0;
    for await (const bundle of source.watch({ known: undefined, signal, onTrouble: () => undefined })) {
      expect(bundle.length).toBeGreaterThan(32);
      tenant.chain.mine();
      if (++taken === 3) break;
    }
    expect(taken).toBe(3);
  });

  test('knows after any commands what the whole ledger says of the device', async () => {
    const step = stepArbitrary(createMemoryTenant().accounts);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(30), async (steps, stopAt) => {
        const tenant = createMemoryTenant();
        const account = tenant.accounts.device;
        const first = watch(tenant);
        let known = await nextBundle(first);
        for (const [index, one] of steps.entries()) {
          await tenant.submit(one).catch(() => undefined);
          if (index !== stopAt) continue;
          const second = watch(tenant, { known, maxQuietMs: 0 });
          known = await newest(second, { tenant, known });
        }
        first.stop();
        tenant.chain.mine();
        known = await newest(watch(tenant, { known, maxQuietMs: 0 }), { tenant, known });
        const { state } = openBundle(known, sealKey);
        const group = tenant.chain.state().devices.get(account)?.group ?? bytes32Of(0);
        expect(state).toEqual(sliceState(tenant.chain.state(), { account, group }));
      }),
      { numRuns: 100 },
    );
  });
});

/** What a watch yields last at the chain's head. */
async function newest(
  watcher: Watcher,
  { tenant, known }: { readonly tenant: MemoryTenant; readonly known: Uint8Array },
): Promise<Uint8Array> {
  const head = await tenant.chain.ledgerOf().head();
  let last = known;
  while (openBundle(last, sealKey).state.block?.height !== head.height) last = await nextBundle(watcher);
  watcher.stop();
  return last;
}

test('digests in bundles are those on the ledger', async () => {
  const tenant = createMemoryTenant();
  await tenant.enrol(groupA);
  await tenant.activate(resourceA, { version: 1n, group: groupA });
  const watcher = watch(tenant);
  expect((await nextState(watcher, tenant)).record(resourceA)?.digest).toBe(digestOfByte(0xc1));
  watcher.stop();
});

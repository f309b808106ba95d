import { describe, expect, test } from 'vitest';
import { sealBundle } from '../../chain/light/seal-bundle.ts';
import { digestOf } from '../../core/digest.ts';
import { sliceState } from '../../core/ledger/slice.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { StateSource } from '../../core/state/ports.ts';
import { createEdgeStore } from '../../edge/store/edge-store.ts';
import { sublevelOf } from '../../platform/store/open-store.ts';
import { createSite, GROUP, resourceOf, type Site } from './support/site.ts';
import { startTestDew } from './support/test-dew.ts';
import { eventually, startTestAgent } from './support/test-edge.ts';
import { createTestRuntime } from './support/test-hosts.ts';
import { openTestStore } from './support/test-store.ts';

/** A source that yields what the test hands it. */
function createQueue() {
  const bundles: Uint8Array[] = [];
  let asked = 0;
  const source: StateSource = {
    watch: async function* ({ signal }) {
      asked += 1;
      while (!signal.aborted) {
        const bundle = bundles.shift();
        if (bundle !== undefined) yield bundle;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    close: () => Promise.resolve(),
  };
  return { source, push: (bundle: Uint8Array) => bundles.push(bundle), asked: () => asked };
}

/** The site's state now, sealed as the device itself would. */
async function bundleOf(site: Site, change: (state: LedgerState) => LedgerState = (state) => state) {
  const identity = await site.chain.ledgerOf().identity();
  const { account, sealKey } = site;
  const state = change(sliceState(site.chain.state(), { account, group: GROUP }));
  return sealBundle({ identity, account, state }, sealKey);
}

/** The site's next block, in which `climate` has this version. */
function laterBundleOf(site: Site, { version, digest }: { version: bigint; digest?: string | undefined }) {
  return bundleOf(site, (state) => {
    const head = state.heads.get(resourceOf('climate'));
    if (head === undefined || state.block === undefined) throw new Error('the site has no head');
    const changed = { ...head, version, digest: (digest ?? head.digest) as typeof head.digest };
    return {
      ...state,
      block: { ...state.block, height: state.block.height + 1n },
      heads: new Map([[head.resource, changed]]),
    };
  });
}

async function setUp() {
  const site = await createSite();
  const dew = await startTestDew(site);
  const beforeAll = await bundleOf(site);
  await site.publish('climate');
  dew.assign('climate');
  const first = await bundleOf(site);
  const queue = createQueue();
  queue.push(first);
  const runtime = createTestRuntime();
  const database = await openTestStore();
  const store = createEdgeStore(database);
  const options = { dewUrls: [dew.url], hosts: { views: runtime.start }, store, database };
  const agent = await startTestAgent(site, { ...options, source: queue.source });
  await eventually(() => {
    expect(agent.stateOf('climate')).toBe('RUNNING');
  });
  return { site, dew, queue, runtime, agent, beforeAll, first, options };
}

const running = ['start climate@1', 'take-over climate@1'];

describe('a source of state in the hands of an attacker', () => {
  test('shows an older block: refused, and nothing changes', async () => {
    const { queue, agent, runtime, beforeAll } = await setUp();
    const height = agent.keeper.newest()?.state.block.height;
    queue.push(beforeAll);
    await eventually(() => {
      expect(agent.codes('ledger')).toEqual(['ROLLBACK']);
    });
    expect(agent.keeper.newest()?.state.block.height).toBe(height);
    expect(runtime.journal).toEqual(running);
  });

  test('shows an older block after a restart: what was seen is on disk', async () => {
    const { site, agent, beforeAll, options } = await setUp();
    await agent.close();
    const queue = createQueue();
    queue.push(beforeAll);
    const runtime = createTestRuntime();
    const booted = await startTestAgent(site, { ...options, hosts: { views: runtime.start }, source: queue.source });
    await eventually(() => {
      expect(booted.codes('ledger')).toEqual(['ROLLBACK']);
      expect(runtime.journal).toEqual(running);
    });
  });

  test('shows another block of the same height', async () => {
    const { site, queue, agent, runtime } = await setUp();
    const forked = await bundleOf(site, (state) => ({
      ...state,
      block: state.block && { ...state.block, hash: `0x${'ab'.repeat(32)}` },
    }));
    queue.push(forked);
    await eventually(() => {
      expect(agent.codes('ledger')).toEqual(['EQUIVOCATION']);
    });
    expect(runtime.journal).toEqual(running);
  });

  test('shows a newer block with an older version, or the same version with another digest', async () => {
    const { site, queue, agent, runtime } = await setUp();
    await site.publish('climate', { version: 2 });
    queue.push(await bundleOf(site));
    await eventually(() => {
      expect(agent.slot('climate')?.target.version).toBe(2n);
    });
    const later = (version: bigint, digest?: string) => laterBundleOf(site, { version, digest });
    queue.push(await later(1n));
    await eventually(() => {
      expect(agent.codes('ledger')).toEqual(['ROLLBACK']);
    });
    queue.push(await later(2n, `sha256:${'00'.repeat(32)}`));
    await eventually(() => {
      expect(agent.codes('ledger')).toEqual(['ROLLBACK', 'EQUIVOCATION']);
    });
    expect(runtime.journal.slice(-1)).toEqual(['take-over climate@2']);
  });

  test.each(['damaged', 'deleted', 'put back'])(
    'shows an older version after what was seen was %s on disk: what was committed was seen too',
    async (how) => {
      const { site, queue, agent, options } = await setUp();
      const seen = sublevelOf(options.database, 'records');
      const key = `seen/${resourceOf('climate')}`;
      const before = await seen.get(key);
      await site.publish('climate', { version: 2 });
      queue.push(await bundleOf(site));
      await eventually(() => {
        expect(agent.slot('climate')?.target.version).toBe(2n);
      });
      await agent.close();
      if (how === 'deleted') await seen.del(key);
      else await seen.put(key, how === 'damaged' ? 'gone' : (before ?? ''));
      const again = createQueue();
      again.push(await laterBundleOf(site, { version: 1n }));
      const runtime = createTestRuntime();
      const booted = await startTestAgent(site, { ...options, hosts: { views: runtime.start }, source: again.source });
      await eventually(() => {
        expect(booted.codes('ledger')).toEqual(['ROLLBACK']);
        expect(runtime.journal.slice(-1)).toEqual(['take-over climate@2']);
      });
    },
  );

  test('sends a bundle that was changed, cut, or is of another chain', async () => {
    const { site, queue, agent, runtime, first } = await setUp();
    const changed = Buffer.from(first);
    changed.writeUInt8(changed.readUInt8(60) ^ 4, 60);
    queue.push(changed);
    await eventually(() => {
      expect(agent.codes('ledger')).toEqual(['PROOF_INVALID']);
    });
    queue.push(first.subarray(0, first.length - 1));
    queue.push(new Uint8Array());
    const { account, sealKey } = site;
    const identity = { ...(await site.chain.ledgerOf().identity()), chain: 'memory:elsewhere' };
    queue.push(sealBundle({ identity, account, state: site.chain.state() }, sealKey));
    await eventually(() => {
      expect(agent.codes('ledger')).toEqual(['PROOF_INVALID', 'WRONG_CHAIN']);
      expect(agent.refusals.last('ledger')?.count).toBe(1);
    });
    expect(runtime.journal).toEqual(running);
  });

  test('a cold boot with a changed bundle starts nothing until a good one comes', async () => {
    const { site, agent, first, options } = await setUp();
    await agent.close();
    const digest = digestOf(first);
    const damaged = Buffer.from(first);
    damaged.writeUInt8(damaged.readUInt8(60) ^ 4, 60);
    await options.store.write([{ kind: 'bytes', in: 'bundles', digest, value: damaged }]);
    const queue = createQueue();
    const runtime = createTestRuntime();
    const booted = await startTestAgent(site, { ...options, hosts: { views: runtime.start }, source: queue.source });
    expect(booted.state()).toEqual({ phase: 'waiting', code: 'PROOF_INVALID' });
    await eventually(() => {
      expect(queue.asked()).toBe(1);
    });
    expect(runtime.journal).toEqual([]);
    queue.push(first);
    await eventually(() => {
      expect(runtime.journal).toEqual(running);
    });
  });

  test.each(['damaged', 'deleted'])(
    'a cold boot whose record of the newest block was %s goes on from the newest bundle that the disk holds',
    async (how) => {
      const { site, agent, options, beforeAll } = await setUp();
      await agent.close();
      const records = sublevelOf(options.database, 'records');
      if (how === 'damaged') await records.put('head', 'gone');
      else await records.del('head');
      const queue = createQueue();
      const runtime = createTestRuntime();
      const booted = await startTestAgent(site, { ...options, hosts: { views: runtime.start }, source: queue.source });
      await eventually(() => {
        expect(runtime.journal).toEqual(running);
      });
      queue.push(beforeAll);
      await eventually(() => {
        expect(booted.codes('ledger')).toEqual(['ROLLBACK']);
      });
    },
  );
});

import { describe, expect, test } from 'vitest';
import { DewproofError } from '../../core/errors.ts';
import { createEdgeStore, type EdgeStore } from '../../edge/store/edge-store.ts';
import { loadMemory } from '../../edge/store/load-memory.ts';
import { sublevelOf } from '../../platform/store/open-store.ts';
import { createSite } from './support/site.ts';
import { startTestDew } from './support/test-dew.ts';
import { eventually, startTestAgent } from './support/test-edge.ts';
import { createTestRuntime } from './support/test-hosts.ts';
import { openTestStore } from './support/test-store.ts';

async function setUp(spec: object = {}) {
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.publish('climate', { version: 1, ...spec });
  await site.publish('light');
  dew.assign('climate', 'light');
  const runtime = createTestRuntime();
  const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
  await eventually(() => {
    expect([agent.stateOf('climate'), agent.stateOf('light')]).toEqual(['RUNNING', 'RUNNING']);
  });
  const started = () => runtime.hosts.filter(({ name }) => name === 'climate');
  return { site, dew, runtime, agent, started };
}

const brisk = { health: { interval: '100ms', timeout: '50ms', retries: 2, startPeriod: '10ms' } };

describe('a resource that fails', () => {
  test('is restarted, verified again, and alone', async () => {
    const { agent, runtime, started } = await setUp();
    started()[0]?.fail();
    await eventually(() => {
      expect(started()).toHaveLength(2);
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    expect(agent.codes('greenfields/climate')).toEqual(['INTERNAL']);
    expect(runtime.journal).not.toContain('stop light@1');
  });

  test('is BROKEN after three errors in a row, until a newer version supersedes it', async () => {
    const { site, agent, started } = await setUp();
    for (const count of [1, 2, 3]) {
      await eventually(() => {
        expect(started()).toHaveLength(count);
        expect(agent.stateOf('climate')).toBe('RUNNING');
      });
      started()[count - 1]?.fail();
    }
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('BROKEN');
    });
    await site.publish('climate', { version: 2 });
    await eventually(() => {
      expect(agent.slot('climate')?.target.version).toBe(2n);
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
  });

  test('stays ERRORED where its document says never', async () => {
    const { agent, started } = await setUp({ restart: { policy: 'never' } });
    started()[0]?.fail();
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('ERRORED');
    });
    expect(agent.slot('climate')?.retryAtMs).toBe(Infinity);
    expect(started()).toHaveLength(1);
  });

  test('is restarted once it is unhealthy, and says why', async () => {
    const { agent, runtime, started } = await setUp(brisk);
    runtime.behave = ({ name }) => (name === 'climate' ? 'unhealthy' : 'well');
    await eventually(() => {
      expect(started().length).toBeGreaterThanOrEqual(2);
    });
    expect(agent.refusals.last('greenfields/climate')).toMatchObject({ code: 'UNHEALTHY', message: 'is unwell' });
    expect(agent.slot('climate')?.lastError?.code).toBe('UNHEALTHY');
  });

  test('is replaced by a newer version also where the old one does not stop as it should', async () => {
    const { site, agent, runtime } = await setUp();
    Object.assign(agent.slot('climate')?.host ?? {}, {
      stop: () => Promise.reject(new DewproofError('TIMEOUT', 'no')),
    });
    await site.publish('climate', { version: 2 });
    await eventually(() => {
      expect(agent.slot('climate')?.target.version).toBe(2n);
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    expect(runtime.journal.filter((line) => line.endsWith('climate@2'))).toEqual([
      'start climate@2',
      'take-over climate@2',
    ]);
    expect(agent.codes('greenfields/climate')).toContain('TIMEOUT');
  });

  test('is left running where the lack is around it: a broker that is away, a full disk', async () => {
    const { agent, runtime, started } = await setUp(brisk);
    const [host] = started();
    if (host === undefined) throw new Error('it did not start');
    for (const code of ['BROKER_UNAVAILABLE', 'DISK_FULL'] as const) {
      host.probe = () => Promise.reject(new DewproofError(code, 'is lacking'));
      await eventually(() => {
        expect(agent.slot('climate')?.health).toMatchObject({ status: 'unhealthy', cause: { code } });
        expect(agent.slot('climate')?.health.failures).toBeGreaterThan(4);
      });
    }
    host.probe = () => Promise.resolve();
    await eventually(() => {
      expect(agent.slot('climate')?.health.status).toBe('healthy');
    });
    expect(runtime.journal).not.toContain('stop climate@1');
    expect(agent.stateOf('climate')).toBe('RUNNING');
  });

  test('keeps running what it ran through a partition, and restarts nothing when it ends', async () => {
    const { site, dew, runtime, agent } = await setUp();
    const before = [...runtime.journal];
    site.chain.setReachable(false);
    dew.attack = ({ response }) => {
      response.destroy();
      return true;
    };
    await eventually(() => {
      expect(agent.codes('dew')).toEqual(['DEW_UNAVAILABLE']);
    });
    site.chain.setReachable(true);
    dew.attack = undefined;
    dew.assign('climate', 'light', 'pump');
    await site.publish('pump');
    await eventually(() => {
      expect(agent.stateOf('pump')).toBe('RUNNING');
    });
    expect(runtime.journal).toEqual([...before, 'start pump@1', 'take-over pump@1']);
  });

  test('with a full disk it starts nothing new, yet a revocation counts, and all is made good later', async () => {
    const site = await createSite();
    const dew = await startTestDew(site);
    await site.publish('climate');
    await site.publish('light');
    dew.assign('climate', 'light');
    const whole = createEdgeStore(await openTestStore());
    let isFull = false;
    const store: EdgeStore = {
      ...whole,
      write: (changes) =>
        isFull ? Promise.reject(new DewproofError('DISK_FULL', 'No space left.')) : whole.write(changes),
    };
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
    await eventually(() => {
      expect(runtime.journal).toHaveLength(4);
    });
    isFull = true;
    await site.publish('light', { version: 2 });
    await site.revoke('climate', 1);
    await eventually(() => {
      expect(runtime.journal).toContain('stop climate@1');
      expect(agent.codes('greenfields/light')).toEqual(['DISK_FULL']);
      expect(agent.codes('ledger')).toEqual(['DISK_FULL']);
    });
    expect(runtime.journal).not.toContain('start light@2');
    expect(agent.stateOf('light')).toBe('RUNNING');
    isFull = false;
    const height = agent.keeper.newest()?.state.block.height;
    await eventually(async () => {
      expect(agent.slot('light')?.target.version).toBe(2n);
      expect((await loadMemory(whole)).head?.block.height).toBe(height);
    });
  });

  test('with a full disk it takes an assignment, and has it on disk once there is room', async () => {
    const site = await createSite();
    const dew = await startTestDew(site);
    await site.publish('climate');
    const whole = createEdgeStore(await openTestStore());
    let isFull = true;
    const store: EdgeStore = {
      ...whole,
      write: (changes) =>
        isFull && changes.some(({ kind }) => kind === 'assigned')
          ? Promise.reject(new DewproofError('DISK_FULL', 'No space left.'))
          : whole.write(changes),
    };
    dew.assign('climate');
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
    await eventually(() => {
      expect(agent.codes('dew')).toEqual(['DISK_FULL']);
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    const onDisk = async () => (await whole.records()).map(([key]) => key);
    expect(await onDisk()).not.toContain('assigned');
    isFull = false;
    await eventually(async () => {
      expect(await onDisk()).toContain('assigned');
    });
  });

  test.each(['gone', undefined])(
    'with its assignments lost by the disk (%s) it runs offline what it committed',
    async (record) => {
      const site = await createSite();
      const dew = await startTestDew(site);
      await site.publish('climate');
      dew.assign('climate');
      const database = await openTestStore();
      const options = { dewUrls: [dew.url], store: createEdgeStore(database) };
      const first = await startTestAgent(site, { ...options, hosts: { views: createTestRuntime().start } });
      await eventually(() => {
        expect(first.stateOf('climate')).toBe('RUNNING');
      });
      await first.close();
      await dew.close();
      site.chain.setReachable(false);
      const records = sublevelOf(database, 'records');
      if (record === undefined) await records.del('assigned');
      else await records.put('assigned', record);
      const booted = await startTestAgent(site, { ...options, hosts: { views: createTestRuntime().start } });
      await eventually(() => {
        expect(booted.stateOf('climate')).toBe('RUNNING');
      });
    },
  );

  test('a storm of hints costs the dew no more than the pause allows', async () => {
    const { agent, dew } = await setUp();
    const before = dew.asked.length;
    const begin = performance.now();
    let hints = 0;
    while (performance.now() - begin < 500 || hints <= 5000) {
      for (let index = 0; index < 100; index += 1, hints += 1) agent.wake();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // The tests' pause is 20 ms.
    expect(dew.asked.length - before).toBeLessThanOrEqual((performance.now() - begin) / 20 + 1);
  });
});

import { describe, expect, test } from 'vitest';
import { digestOf } from '../../core/digest.ts';
import type { StartHost } from '../../edge/hosts/host.ts';
import { createEdgeStore } from '../../edge/store/edge-store.ts';
import { createSite, resourceOf, type Site } from './support/site.ts';
import { startTestDew, type TestDew } from './support/test-dew.ts';
import { eventually, startTestAgent } from './support/test-edge.ts';
import { createTestRuntime } from './support/test-hosts.ts';
import { openTestStore } from './support/test-store.ts';

async function setUp(...names: readonly string[]): Promise<{ site: Site; dew: TestDew }> {
  const site = await createSite();
  const dew = await startTestDew(site);
  for (const name of names) await site.publish(name);
  dew.assign(...names);
  return { site, dew };
}

/** Probes every 100 ms, the shortest that a document can ask for. */
const brisk = { health: { interval: '100ms', timeout: '50ms', retries: 1, startPeriod: '10ms' } };

describe('a device at work', () => {
  test('starts what is approved and assigned, and nothing else', async () => {
    const { site, dew } = await setUp('climate', 'light', 'pump');
    dew.assign('climate', 'light', 'unknown');
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
      expect(agent.stateOf('light')).toBe('RUNNING');
      expect(agent.codes('greenfields/unknown')).toEqual(['NOT_APPROVED']);
    });
    expect(agent.state()).toEqual({ phase: 'following' });
    expect(runtime.hosts.map(({ name }) => name).sort()).toEqual(['climate', 'light']);
  });

  test('replaces one resource without touching the other', async () => {
    const { site, dew } = await setUp('climate', 'light');
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    await eventually(() => {
      expect(runtime.journal).toHaveLength(4);
    });
    runtime.journal.length = 0;
    await site.publish('climate', { version: 2 });
    await eventually(() => {
      expect(agent.slot('climate')?.target.version).toBe(2n);
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    // The new one starts beside the old one, which stops only when the new one is committed.
    expect(runtime.journal).toEqual(['start climate@2', 'stop climate@1', 'take-over climate@2']);
  });

  test('a newer version supersedes one that hangs in its start', async () => {
    const { site, dew } = await setUp('climate');
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    runtime.behave = ({ version }) => (version === 2 ? 'hangs' : 'well');
    await site.publish('climate', { version: 2 });
    await eventually(() => {
      expect(runtime.journal).toContain('start climate@2');
    });
    expect(agent.stateOf('climate')).toBe('RUNNING');
    await site.publish('climate', { version: 3 });
    await eventually(() => {
      expect(agent.slot('climate')?.target.version).toBe(3n);
    });
    expect(runtime.journal).toEqual([
      'start climate@1',
      'take-over climate@1',
      'start climate@2',
      'start climate@3',
      'stop climate@1',
      'take-over climate@3',
    ]);
  });

  test('a newer version supersedes one whose probe never answers, and one that is BROKEN', async () => {
    const { site, dew } = await setUp('climate');
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    runtime.behave = ({ version }) => (version === 2 ? 'stuck' : version === 3 ? 'throws' : 'well');
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    await site.publish('climate', { version: 2, health: { ...brisk.health, timeout: '1h', startPeriod: '1h' } });
    await eventually(() => {
      expect(runtime.journal).toContain('start climate@2');
    });
    await site.publish('climate', { version: 3, ...brisk });
    await eventually(() => {
      expect(agent.slot('climate', 'next')?.phase).toBe('broken');
    });
    expect(agent.stateOf('climate')).toBe('RUNNING');
    expect(agent.slot('climate')?.target.version).toBe(1n);
    expect(runtime.journal.filter((entry) => entry === 'start climate@3')).toHaveLength(3);
    expect(runtime.journal).not.toContain('stop climate@1');
    await site.publish('climate', { version: 4, ...brisk });
    await eventually(() => {
      expect(agent.slot('climate')?.target.version).toBe(4n);
    });
  });

  test('an unhealthy version is rolled back and the old one was never interrupted', async () => {
    const { site, dew } = await setUp('climate');
    const runtime = createTestRuntime();
    runtime.behave = ({ version }) => (version === 2 ? 'unhealthy' : 'well');
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    await site.publish('climate', { version: 2, ...brisk });
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['UNHEALTHY']);
      expect(runtime.journal).toContain('stop climate@2');
    });
    expect(runtime.hosts[0]?.events).toEqual(['start', 'take-over']);
    expect(agent.slot('climate')?.target.version).toBe(1n);
  });

  test('a cold boot with nothing else up starts the last known good version again', async () => {
    const { site, dew } = await setUp('climate', 'light');
    const store = createEdgeStore(await openTestStore());
    const runtime = createTestRuntime();
    runtime.behave = ({ version }) => (version === 2 ? 'unhealthy' : 'well');
    const before = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
    await eventually(() => {
      expect([before.stateOf('climate'), before.stateOf('light')]).toEqual(['RUNNING', 'RUNNING']);
    });
    await site.publish('climate', { version: 2, ...brisk });
    await eventually(() => {
      expect(before.codes('greenfields/climate')).toEqual(['UNHEALTHY']);
    });
    await before.close();
    await dew.close();
    site.chain.setReachable(false);

    const again = createTestRuntime();
    again.behave = runtime.behave;
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: again.start }, store });
    await eventually(() => {
      expect([agent.stateOf('climate'), agent.stateOf('light')]).toEqual(['RUNNING', 'RUNNING']);
    });
    expect(agent.slot('climate')?.target.version).toBe(1n);
    expect(again.hosts.map(({ name, version }) => `${name}@${version}`)).toContain('climate@1');
  });

  test('a revoked record stops its resource, also with the dew gone, and after a boot it stays stopped', async () => {
    const { site, dew } = await setUp('climate', 'light');
    const store = createEdgeStore(await openTestStore());
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
    await eventually(() => {
      expect(runtime.journal).toHaveLength(4);
    });
    await dew.close();
    await site.revoke('climate', 1);
    await eventually(() => {
      expect(runtime.journal).toContain('stop climate@1');
      expect(agent.codes('greenfields/climate')).toEqual(['REVOKED']);
    });
    expect(agent.stateOf('light')).toBe('RUNNING');
    await agent.close();
    site.chain.setReachable(false);
    const again = createTestRuntime();
    const booted = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: again.start }, store });
    await eventually(() => {
      expect(booted.stateOf('light')).toBe('RUNNING');
    });
    expect(again.hosts.map(({ name }) => name)).toEqual(['light']);
  });

  test('a suspended device stops everything, and goes on once it is active', async () => {
    const { site, dew } = await setUp('climate', 'light');
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    await eventually(() => {
      expect(runtime.journal).toHaveLength(4);
    });
    await site.do({ type: 'set-device-status', account: site.account, status: 'suspended' });
    await eventually(() => {
      expect(runtime.journal.filter((entry) => entry.startsWith('stop'))).toHaveLength(2);
      expect(agent.state()).toEqual({ phase: 'halted', code: 'SUSPENDED' });
    });
    await site.do({ type: 'set-device-status', account: site.account, status: 'active' });
    await eventually(() => {
      expect([agent.stateOf('climate'), agent.stateOf('light')]).toEqual(['RUNNING', 'RUNNING']);
    });
  });

  test('what is not assigned any more stops; what is goes on', async () => {
    const { site, dew } = await setUp('climate', 'light');
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    await eventually(() => {
      expect(runtime.journal).toHaveLength(4);
    });
    dew.assign('light');
    await eventually(() => {
      expect(runtime.journal).toContain('stop climate@1');
    });
    dew.assign('light', 'climate');
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    expect(runtime.journal).not.toContain('stop light@1');
  });

  test('starts in the order of requirements, and a lacking one holds up nobody else', async () => {
    const site = await createSite();
    const dew = await startTestDew(site);
    await site.publish('climate', { requires: [{ resource: 'weather' }] });
    await site.publish('weather', { requires: [{ resource: 'base' }] });
    await site.publish('base');
    await site.publish('lonely', { requires: [{ resource: 'nowhere' }] });
    dew.assign('climate', 'lonely', 'weather', 'base');
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
      expect(agent.stateOf('lonely')).toBe('INSTALLED');
    });
    expect(runtime.journal.filter((entry) => entry.startsWith('take-over'))).toEqual([
      'take-over base@1',
      'take-over weather@1',
      'take-over climate@1',
    ]);
    expect(agent.slot('lonely', 'next')?.waitsFor).toEqual([resourceOf('nowhere')]);
  });

  test('a profile that changes what runs restarts it; one that does not, does not', async () => {
    const { site, dew } = await setUp('light');
    await site.publish('climate', { inputs: [{ id: 'temperature', mqtt: { topic: '{binding}' } }] });
    await site.bind({ temperature: 'here/temperature' });
    dew.assign('climate', 'light');
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    await eventually(() => {
      expect(runtime.journal).toHaveLength(4);
    });
    const profile = await site.bind({ temperature: 'there/temperature' });
    await eventually(() => {
      expect(agent.slot('climate')?.target.profile).toBe(profile);
      expect(agent.slot('light')?.target.profile).toBe(profile);
      expect(runtime.journal).toHaveLength(7);
    });
    expect(runtime.journal.slice(4)).toEqual(['start climate@1', 'stop climate@1', 'take-over climate@1']);
  });

  test('hands a host the files that its document names, and starts none without them', async () => {
    const site = await createSite();
    const dew = await startTestDew(site);
    const script = Buffer.from('answer(42)');
    const artifact = { digest: digestOf(script), size: script.length };
    await site.publish('climate', { runtime: { kind: 'script', artifact, limits: {} } });
    dew.assign('climate');
    const runtime = createTestRuntime();
    const files: unknown[] = [];
    const start: StartHost = (options) => {
      files.push([...options.artifacts].map(([digest, bytes]) => [digest, Buffer.from(bytes).toString()]));
      return runtime.start(options);
    };
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { script: start } });
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['NOT_FOUND']);
    });
    expect(runtime.journal).toEqual([]);
    site.contents.set(digestOf(script), Buffer.concat([script, script]));
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['NOT_FOUND', 'ENDLESS_DATA']);
    });
    site.contents.set(digestOf(script), script);
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    expect(files).toEqual([[[artifact.digest, 'answer(42)']]]);
  });

  test('keeps only what it needs: documents of versions that run, few bundles as evidence', async () => {
    const site = await createSite();
    const dew = await startTestDew(site);
    const names = Array.from({ length: 14 }, (_, index) => `resource-${index}`);
    const runtime = createTestRuntime();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start } });
    for (const [index, name] of names.entries()) {
      await site.publish(name);
      dew.assign(...names.slice(0, index + 1));
      await eventually(() => {
        expect(agent.stateOf(name)).toBe('RUNNING');
      });
    }
    for (const version of [2, 3, 4]) {
      await site.publish('resource-0', { version });
      await eventually(() => {
        expect(agent.slot('resource-0')?.target.version).toBe(BigInt(version));
      });
    }
    dew.assign(...names.slice(0, 13));
    await eventually(async () => {
      expect(await agent.store.digests('contents')).toHaveLength(14);
    });
    expect((await agent.store.digests('bundles')).length).toBeLessThanOrEqual(10);
    expect((await agent.verify()).refusals).toEqual([]);
  });
});

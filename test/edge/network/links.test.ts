import { describe, expect, onTestFinished, test } from 'vitest';
import type { ErrorCode } from '../../../core/errors.ts';
import type { Link } from '../../../core/document/addresses.ts';
import { requireLinks } from '../../../edge/hosts/require-links.ts';
import type { HostLink, HostLinks } from '../../../edge/network/host-link.ts';
import { verifyHostLinks } from '../../../edge/network/verify-host-links.ts';
import { watchLinks } from '../../../edge/network/watch-links.ts';
import { codeOf } from '../../core/support/code-of.ts';
import { createSite } from '../support/site.ts';
import { startTestDew } from '../support/test-dew.ts';
import { eventually, startTestAgent, startTestEdge } from '../support/test-edge.ts';
import { createTestRuntime } from '../support/test-hosts.ts';

const wlan = (isUp: boolean): HostLink => ({ kind: 'wifi', name: 'wlan0', isUp });
const eth: HostLink = { kind: 'ethernet', name: 'eth0', isUp: true };

describe('verifyHostLinks', () => {
  test.each<readonly [string, readonly Link[], readonly HostLink[], readonly Link[], ErrorCode | undefined]>([
    ['nothing that is needed', [], [], [], undefined],
    ['what is there', ['wifi', 'ethernet'], [wlan(true), eth], [], undefined],
    ['one of two that is up', ['wifi'], [wlan(false), { ...wlan(true), name: 'wlan1' }], [], undefined],
    ['what is absent', ['wifi'], [eth], [], 'LINK_MISSING'],
    ['what is down', ['wifi'], [wlan(false)], [], 'LINK_MISSING'],
    ['what is down, though more may hide', ['wifi'], [wlan(false)], ['wifi'], 'LINK_MISSING'],
    ['the second of two', ['ethernet', 'wifi'], [eth], [], 'LINK_MISSING'],
    ['what the system does not tell', ['lora'], [eth], ['lora'], 'UNSUPPORTED'],
  ])('judges %s', (_, needed, links, untold, code) => {
    const verify = () => {
      verifyHostLinks(needed, { links, untold });
    };
    expect(codeOf(verify)).toBe(code);
  });
});

async function setUp(links: readonly HostLink[], spec: object = {}) {
  const host: { links: readonly HostLink[]; fails: boolean } = { links, fails: false };
  const troubles: string[] = [];
  const watch = await watchLinks({
    readLinks: (): Promise<HostLinks> =>
      host.fails ? Promise.reject(new Error('EIO')) : Promise.resolve({ links: host.links, untold: [] }),
    everyMs: 10,
    onTrouble: ({ code }) => {
      troubles.push(code);
    },
  });
  onTestFinished(() => watch.close());
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.bind({}, ['wifi']);
  const health = { interval: '100ms', timeout: '50ms', retries: 2, startPeriod: '10ms' };
  await site.publish('climate', { network: ['wifi'], health, ...spec });
  dew.assign('climate');
  const runtime = createTestRuntime();
  // A wait of minutes, were nobody woken.
  const random = () => 300;
  const hosts = { views: requireLinks(runtime.start, watch) };
  const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts, random });
  watch.onUp(() => {
    agent.retry({ code: 'LINK_MISSING' });
  });
  return { host, site, agent, runtime, troubles };
}

describe('a resource that needs a link', () => {
  test('waits for it, and starts once it is there', async () => {
    const { host, agent, runtime } = await setUp([eth]);
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['LINK_MISSING']);
    });
    expect(runtime.journal).toEqual([]);
    host.links = [eth, wlan(true)];
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    expect(agent.slot('climate')?.errors).toBe(0);
  });

  test('is unhealthy by code while it is gone, and runs on without a restart', async () => {
    const { host, agent, runtime } = await setUp([wlan(true)]);
    await eventually(() => {
      expect(agent.slot('climate')?.health.status).toBe('healthy');
    });
    host.links = [];
    await eventually(() => {
      expect(agent.slot('climate')?.health).toMatchObject({ status: 'unhealthy', cause: { code: 'LINK_MISSING' } });
    });
    expect(agent.slot('climate')?.health.failures).toBeGreaterThanOrEqual(2);
    host.links = [wlan(true)];
    await eventually(() => {
      expect(agent.slot('climate')?.health.status).toBe('healthy');
    });
    expect(runtime.journal).toEqual(['start climate@1', 'take-over climate@1']);
  });

  test('goes on as it is where a newer version needs what is not there', async () => {
    const { site, agent, runtime } = await setUp([wlan(true)]);
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    await site.bind({}, ['wifi', 'lora']);
    await site.publish('climate', { version: 2, network: ['lora'] });
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toContain('LINK_MISSING');
    });
    expect(agent.slot('climate')?.target.version).toBe(1n);
    expect(runtime.journal).not.toContain('stop climate@1');
  });

  test('is refused on a device whose profile does not have it, whatever the host has', async () => {
    const { agent, runtime } = await setUp([wlan(true), { kind: 'ble', name: 'hci0', isUp: true }], {
      network: ['ble'],
    });
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['WRONG_DEVICE']);
    });
    expect(runtime.journal).toEqual([]);
  });

  test('goes by the last look where a look fails', async () => {
    const { host, agent, troubles } = await setUp([wlan(true)]);
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    host.fails = true;
    await eventually(() => {
      expect(troubles).toContain('INTERNAL');
    });
    expect(agent.slot('climate')?.health.status).not.toBe('unhealthy');
  });
});

test('an edge shows the links of its host, and refuses what they lack', async () => {
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.bind({}, ['wifi']);
  await site.publish('climate', { network: ['wifi'] });
  dew.assign('climate');
  const readLinks = () => Promise.resolve({ links: [eth], untold: [] });
  const edge = await startTestEdge(site, { dewUrls: [dew.url], readLinks });
  expect(edge.status().links).toEqual([eth]);
  await eventually(() => {
    expect(edge.status().refusals.map(({ code }) => code)).toContain('LINK_MISSING');
  });
});

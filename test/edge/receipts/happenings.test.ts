import { describe, expect, test } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import type { Happening } from '../../../edge/receipts/happening.ts';
import { createSite, GROUP, resourceOf } from '../support/site.ts';
import { startTestDew } from '../support/test-dew.ts';
import { eventually, startTestAgent } from '../support/test-edge.ts';
import { createTestRuntime } from '../support/test-hosts.ts';

async function setUp() {
  const site = await createSite();
  const dew = await startTestDew(site);
  const runtime = createTestRuntime();
  const noted: Happening[] = [];
  const receipts = { note: (happening: Happening) => void noted.push(happening) };
  const start = () => startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, receipts });
  /** `event version CODE`, of one resource. */
  const told = (name = 'climate') =>
    noted
      .filter((one) => one.name === name)
      .map(({ event, document, code }) =>
        [event, document?.version.toString() ?? '-', ...(code === undefined ? [] : [code])].join(' '),
      );
  return { site, dew, runtime, noted, told, start };
}

describe('a receipt is made', () => {
  test('of a start, with the document and the block that vouched for it', async () => {
    const { site, dew, noted, told, start } = await setUp();
    const published = await site.publish('climate');
    dew.assign('climate');
    const agent = await start();
    await eventually(() => {
      expect(told()).toEqual(['start 1']);
    });
    const [first] = noted;
    expect(first).toMatchObject({ tenant: 'greenfields', document: { digest: published.digest } });
    expect(first?.head).toBeDefined();
    expect(first?.head?.height).toBe(agent.keeper.newest()?.state.block.height);
  });

  test('of a newer version: the old one stops, the new one starts', async () => {
    const { site, dew, told, start } = await setUp();
    await site.publish('climate');
    dew.assign('climate');
    await start();
    await eventually(() => {
      expect(told()).toEqual(['start 1']);
    });
    await site.publish('climate', { version: 2 });
    await eventually(() => {
      expect(told()).toEqual(['start 1', 'stop 1', 'start 2']);
    });
  });

  test('of a newer version that is unwell: it is rolled back, the old one goes on', async () => {
    const { site, dew, runtime, told, start } = await setUp();
    runtime.behave = ({ version }) => (version === 2 ? 'throws' : 'well');
    await site.publish('climate');
    dew.assign('climate');
    const agent = await start();
    await eventually(() => {
      expect(told()).toEqual(['start 1']);
    });
    await site.publish('climate', { version: 2 });
    await eventually(() => {
      expect(told()).toContain('rollback 2 INTERNAL');
    });
    expect(agent.stateOf('climate')).toBe('RUNNING');
    expect(told()).not.toContain('stop 1');
  });

  test('of a version that falls over, and of its restart', async () => {
    const { site, dew, runtime, told, start } = await setUp();
    await site.publish('climate');
    dew.assign('climate');
    await start();
    await eventually(() => {
      expect(told()).toEqual(['start 1']);
    });
    runtime.hosts[0]?.fail(new DewproofError('UNHEALTHY', 'fell over'));
    await eventually(() => {
      expect(told()).toEqual(['start 1', 'stop 1 UNHEALTHY', 'start 1']);
    });
  });

  test('of a revocation, of what is placed elsewhere, and of the end', async () => {
    const { site, dew, told, start } = await setUp();
    for (const name of ['climate', 'pump', 'light']) await site.publish(name);
    dew.assign('climate', 'pump', 'light');
    const agent = await start();
    await eventually(() => {
      expect([told('climate'), told('pump'), told('light')]).toEqual([['start 1'], ['start 1'], ['start 1']]);
    });
    await site.revoke('climate', 1);
    dew.assign('climate', 'light');
    await eventually(() => {
      expect(told('climate')).toEqual(['start 1', 'stop 1 REVOKED']);
      expect(told('pump')).toEqual(['start 1', 'stop 1']);
    });
    await agent.close();
    expect(told('light')).toEqual(['start 1', 'stop 1']);
  });

  test('of a refusal: bytes that were not approved, a resource that never was, and one of another group', async () => {
    const { site, dew, noted, told, start } = await setUp();
    const published = await site.publish('climate');
    dew.attack = ({ path, response }) => {
      if (!path.endsWith(published.digest)) return false;
      response.end('{}');
      return true;
    };
    await site.do({
      type: 'propose',
      proposals: [
        {
          resource: resourceOf('pump'),
          version: 1n,
          digest: published.digest,
          group: GROUP.replace(/.$/, '0') as typeof GROUP,
        },
      ],
    });
    dew.assign('climate', 'light', 'pump');
    await start();
    await eventually(() => {
      expect(told('climate')).toContain('refusal 1 DIGEST_MISMATCH');
      expect(told('light')).toEqual(['refusal - NOT_APPROVED']);
      expect(told('pump')[0]).toMatch(/^refusal/);
    });
    expect(noted.every(({ event }) => event === 'refusal')).toBe(true);
  });

  test('of nothing where servers or disks were at fault', async () => {
    const { site, dew, told, noted, start } = await setUp();
    await site.publish('climate');
    dew.assign('climate');
    dew.attack = ({ path, response }) => {
      if (!path.startsWith('/v1/documents/')) return false;
      response.destroy();
      return true;
    };
    const agent = await start();
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['DEW_UNAVAILABLE']);
    });
    expect(noted).toEqual([]);
    dew.attack = undefined;
    await eventually(() => {
      expect(told()).toEqual(['start 1']);
    });
  });
});

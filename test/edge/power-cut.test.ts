import { describe, expect, test } from 'vitest';
import { createEdgeStore, type EdgeStore } from '../../edge/store/edge-store.ts';
import { loadMemory } from '../../edge/store/load-memory.ts';
import { cutAt } from './support/cut-at.ts';
import { createSite, resourceOf, type Site } from './support/site.ts';
import { startTestDew, type TestDew } from './support/test-dew.ts';
import { eventually, startTestAgent } from './support/test-edge.ts';
import { createTestRuntime } from './support/test-hosts.ts';
import { openTestStore } from './support/test-store.ts';

async function bootOffline({ site, dew, store }: { site: Site; dew: TestDew; store: EdgeStore }) {
  site.chain.setReachable(false);
  dew.attack = ({ response }) => {
    response.destroy();
    return true;
  };
  const runtime = createTestRuntime();
  const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
  return { agent, runtime };
}

function comeBack({ site, dew }: { site: Site; dew: TestDew }): void {
  site.chain.setReachable(true);
  dew.attack = undefined;
}

/** The most versions that had taken over and not yet stopped at any time. */
function versionsAtOnce(journal: readonly string[]): number {
  let [active, most] = [0, 0];
  for (const entry of journal) {
    if (entry.startsWith('take-over')) active += 1;
    else if (entry.startsWith('stop')) active -= 1;
    most = Math.max(most, active);
  }
  return most;
}

describe('a power cut at any write', () => {
  test.each(['before', 'after'] as const)(
    'of a first installation leaves nothing or all of it (%s)',
    async (moment) => {
      let cuts = 0;
      for (let at = 1; ; at += 1) {
        const site = await createSite();
        const dew = await startTestDew(site);
        await site.publish('climate');
        dew.assign('climate');
        const whole = createEdgeStore(await openTestStore());
        const { store, isCut } = cutAt(whole, { at, moment });
        const runtime = createTestRuntime();
        const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
        await eventually(() => {
          expect(isCut() || agent.stateOf('climate') === 'RUNNING').toBe(true);
        });
        if (!isCut()) break;
        cuts += 1;

        const { committed } = await loadMemory(whole);
        const booted = await bootOffline({ site, dew, store: whole });
        if (committed.has(resourceOf('climate'))) {
          await eventually(() => {
            expect(booted.agent.stateOf('climate')).toBe('RUNNING');
          });
        }
        comeBack({ site, dew });
        await eventually(() => {
          expect(booted.agent.stateOf('climate')).toBe('RUNNING');
        });
        expect(booted.agent.codes('store')).toEqual([]);
      }
      // The bundle, the assignments, the document, the version seen, the commit.
      expect(cuts).toBeGreaterThanOrEqual(5);
    },
  );

  test.each(['before', 'after'] as const)('of an update leaves the old version or the new one (%s)', async (moment) => {
    const leftBehind = new Set<bigint | undefined>();
    for (let at = 1; ; at += 1) {
      const site = await createSite();
      const dew = await startTestDew(site);
      await site.publish('climate');
      dew.assign('climate');
      const whole = createEdgeStore(await openTestStore());
      const runtime = createTestRuntime();
      const first = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store: whole });
      await eventually(() => {
        expect(first.stateOf('climate')).toBe('RUNNING');
      });
      await first.close();

      const { store, isCut } = cutAt(whole, { at, moment });
      const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
      await site.publish('climate', { version: 2 });
      await eventually(() => {
        expect(isCut() || agent.slot('climate')?.target.version === 2n).toBe(true);
      });
      await agent.close();
      if (!isCut()) break;

      const left = (await loadMemory(whole)).committed.get(resourceOf('climate'))?.version;
      leftBehind.add(left);
      const booted = await bootOffline({ site, dew, store: whole });
      // Offline it runs the committed version, or the newer one where all of that was on disk already.
      await eventually(() => {
        expect(booted.agent.stateOf('climate')).toBe('RUNNING');
      });
      expect([left, 2n]).toContain(booted.agent.slot('climate')?.target.version);
      comeBack({ site, dew });
      await eventually(() => {
        expect(booted.agent.slot('climate')?.target.version).toBe(2n);
        expect(booted.agent.stateOf('climate')).toBe('RUNNING');
      });
      expect(versionsAtOnce(booted.runtime.journal)).toBe(1);
      expect(booted.agent.codes('store')).toEqual([]);
    }
    expect(leftBehind).toEqual(new Set(moment === 'before' ? [1n] : [1n, 2n]));
  });
});

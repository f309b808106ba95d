import { describe, expect, test } from 'vitest';
import { digestOf } from '../../core/digest.ts';
import { createEdgeStore, type EdgeStore } from '../../edge/store/edge-store.ts';
import { loadMemory } from '../../edge/store/load-memory.ts';
import { orderOf, signOrder } from '../core/support/rollout.ts';
import { bytesOf, rawResource } from '../core/support/samples.ts';
import { cutAt } from './support/cut-at.ts';
import { grantManage, strict } from './support/rollout-site.ts';
import { ADMIN, createSite, resourceOf, type Site } from './support/site.ts';
import { startTestDew, type TestDew } from './support/test-dew.ts';
import { eventually, startTestAgent } from './support/test-edge.ts';
import { createTestRuntime } from './support/test-hosts.ts';
import { openTestStore } from './support/test-store.ts';

const R = resourceOf('climate');

/** A device whose version 2 falls ill once it was committed. */
async function start({ site, dew, store }: { site: Site; dew: TestDew; store: EdgeStore }) {
  const runtime = createTestRuntime();
  runtime.behave = ({ version }) => (version === 2 && isCommitted() ? 'unhealthy' : 'well');
  const isCommitted = () => runtime.journal.includes('take-over climate@2');
  const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
  return { agent, runtime };
}

async function setUp() {
  const site = await createSite();
  await grantManage(site, ADMIN);
  const dew = await startTestDew(site);
  const first = await site.publish('climate', { version: 1, health: strict });
  dew.assign('climate');
  const whole = createEdgeStore(await openTestStore());
  const { agent } = await start({ site, dew, store: whole });
  await eventually(() => {
    expect(agent.slot('climate')).toMatchObject({ phase: 'running', target: { version: 1n } });
  });
  await agent.close();
  const { chain, genesis, registry } = site.chain.anchor();
  const order = orderOf({
    ledger: { chain, genesis, registry },
    from: { version: 1, digest: first.digest },
    to: { version: 2, digest: digestOf(bytesOf(rawResource({ version: 2, health: strict }, { name: 'climate' }))) },
    canaries: [site.account],
  });
  dew.rollouts = [{ signed: await signOrder(order), failures: [] }];
  await site.publish('climate', { version: 2, health: strict });
  return { site, dew, whole };
}

const isBack = ({ agent }: Awaited<ReturnType<typeof start>>) =>
  agent.memory.rollouts.get(R)?.returned?.reason === 'failed';

describe('a power cut at any write of a canary that installs, fails and goes back', () => {
  test.each(['before', 'after'] as const)(
    'leaves a version that runs, and the way back of the newer one (%s)',
    async (moment) => {
      const left = new Set<string>();
      let cuts = 0;
      for (let at = 1; ; at += 1) {
        const { site, dew, whole } = await setUp();
        const { store, isCut } = cutAt(whole, { at, moment });
        const cut = await start({ site, dew, store });
        await eventually(() => {
          expect(isCut() || isBack(cut)).toBe(true);
        });
        await cut.agent.close();
        if (!isCut()) break;
        cuts += 1;

        const { committed, rollouts, damaged } = await loadMemory(whole);
        const version = committed.get(R)?.version;
        const rollout = rollouts.get(R);
        left.add(`${String(version)} ${rollout === undefined ? 'no order' : String(rollout.fallback?.version)}`);
        expect(damaged).toEqual([]);
        // The newer version is never committed without the way back, nor the older one with it.
        expect(rollout?.fallback?.version).toBe(version === 2n ? 1n : undefined);

        // With neither chain nor dew: what is on probation still goes back when it fails.
        site.chain.setReachable(false);
        dew.attack = ({ response }) => {
          response.destroy();
          return true;
        };
        const booted = await start({ site, dew, store: whole });
        await eventually(() => {
          const slot = booted.agent.slot('climate');
          expect(slot?.phase).toBe('running');
          if (version === 2n) expect(isBack(booted)).toBe(true);
          expect(slot?.target.version).toBe(1n);
        });
        site.chain.setReachable(true);
        dew.attack = undefined;
        await eventually(() => {
          expect(isBack(booted)).toBe(true);
          expect(booted.agent.slot('climate')).toMatchObject({ phase: 'running', target: { version: 1n } });
        });
        expect(booted.agent.codes('store')).toEqual([]);
        await booted.agent.close();
        expect((await loadMemory(whole)).rollouts.get(R)?.fallback).toBeNull();
      }
      // The bundle, the order, the document, the version seen, the commit, the way back.
      expect(cuts).toBeGreaterThanOrEqual(6);
      expect(left).toEqual(new Set(['1 no order', '1 undefined', '2 1']));
    },
  );
});

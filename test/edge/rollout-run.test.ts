import { describe, expect, test } from 'vitest';
import type { Account } from '../../core/account.ts';
import { walletOf } from '../platform/wallets.ts';
import { grantManage, openRolloutSite } from './support/rollout-site.ts';
import { eventually } from './support/test-edge.ts';
import type { TestRuntime } from './support/test-hosts.ts';

type Behaviour = ReturnType<TestRuntime['behave']>;

/** What version 2 does on the devices that a test names; everything else does well. */
function misbehaviour() {
  const bad = new Map<Account, Behaviour>();
  const behave =
    (account: Account): TestRuntime['behave'] =>
    ({ version }) =>
      version === 2 ? (bad.get(account) ?? 'well') : 'well';
  return { bad, behave };
}

/** The version that every other device goes on with, and the canary's own. */
function versions(canary: bigint, others: bigint, { isCanary }: { isCanary: readonly boolean[] }) {
  return isCanary.map((is) => (is ? canary : others));
}

describe('a staged rollout over a dew and four devices', () => {
  test('a canary whose new version falls ill goes back by itself; the others are never touched', async () => {
    const { bad, behave } = misbehaviour();
    const { devices, running, give, order, publish, report } = await openRolloutSite(behave);
    const canaryOrder = order({});
    expect(canaryOrder.canaries).toHaveLength(1);
    const isCanary = devices.map(({ account }) => canaryOrder.canaries.includes(account));
    expect(await give(canaryOrder)).toBe(204);
    await publish(2);
    await eventually(() => {
      expect(running()).toEqual(versions(2n, 1n, { isCanary }));
    });
    const canary = devices.find(({ account }) => canaryOrder.canaries.includes(account));
    expect(canary?.agent.memory.rollouts.values().next().value?.fallback?.version).toBe(1n);

    bad.set(canary?.account ?? '0x', 'unhealthy');
    await eventually(() => {
      expect(running()).toEqual([1n, 1n, 1n, 1n]);
    });
    await eventually(async () => {
      expect(await report()).toMatchObject({ phase: 'aborted-by-threshold', failed: 1 });
    });
    const { devices: told } = await report();
    expect(told.map(({ canary: is, state, version }) => ({ is, state, version }))).toEqual(
      told.map(({ canary: is }) => ({ is, state: is ? 'failed' : 'held', version: 1 })),
    );
    expect(told.filter(({ canary: is }) => is)).toMatchObject([{ code: 'UNHEALTHY' }]);
    const receipts = ['start 1', 'stop 1', 'start 2', 'stop 2 UNHEALTHY', 'rollback 2 UNHEALTHY', 'start 1'];
    expect(canary?.told()).toEqual(receipts);
    for (const { account, runtime } of devices) {
      if (account !== canary?.account) expect(runtime.journal).toEqual(['start climate@1', 'take-over climate@1']);
    }
  });

  test('a good canary is promoted and all run the new version, with no way back', async () => {
    const { bad, behave } = misbehaviour();
    const { devices, running, give, order, publish, report } = await openRolloutSite(behave);
    const canaryOrder = order({});
    const isCanary = devices.map(({ account }) => canaryOrder.canaries.includes(account));
    await give(canaryOrder);
    await publish(2);
    await eventually(() => {
      expect(running()).toEqual(versions(2n, 1n, { isCanary }));
    });
    await give(order({ phase: 'promoted', serial: 2 }));
    await eventually(() => {
      expect(running()).toEqual([2n, 2n, 2n, 2n]);
    });
    await eventually(async () => {
      const { phase, devices: told } = await report();
      expect(phase).toBe('promoted');
      expect(told.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running']);
    });
    const [first] = devices;
    expect(first?.agent.memory.rollouts.values().next().value?.fallback).toBeNull();
    if (first !== undefined) bad.set(first.account, 'unhealthy');
    await eventually(() => {
      expect(first?.agent.codes('greenfields/climate')).toContain('UNHEALTHY');
    });
    expect(first?.agent.slot('climate')?.target.version).toBe(2n);
  });

  test('an order to abort brings a healthy canary back; the old document under a new version ends it on the ledger', async () => {
    const { devices, running, give, order, publish, report } = await openRolloutSite(misbehaviour().behave);
    const canaryOrder = order({ share: { percent: 50 }, errorThreshold: 2 });
    const isCanary = devices.map(({ account }) => canaryOrder.canaries.includes(account));
    expect(isCanary.filter(Boolean)).toHaveLength(2);
    await give(canaryOrder);
    await publish(2);
    await eventually(() => {
      expect(running()).toEqual(versions(2n, 1n, { isCanary }));
    });
    await give({ ...canaryOrder, phase: 'aborted', serial: 2 });
    await eventually(() => {
      expect(running()).toEqual([1n, 1n, 1n, 1n]);
    });
    await eventually(async () => {
      const { phase, devices: told } = await report();
      expect(phase).toBe('aborted');
      expect(told.map(({ state }) => state).toSorted()).toEqual(['held', 'held', 'returned', 'returned']);
    });
    const healthy = devices.find(({ account }) => canaryOrder.canaries.includes(account));
    expect(healthy?.told()).toEqual(['start 1', 'stop 1', 'start 2', 'stop 2', 'start 1']);
    await publish(3);
    await eventually(() => {
      expect(running()).toEqual([3n, 3n, 3n, 3n]);
    });
  });

  test('the failures of others bring a healthy canary back, once there are as many as the order says', async () => {
    const { bad, behave } = misbehaviour();
    const { devices, running, give, order, publish, report } = await openRolloutSite(behave);
    const canaryOrder = order({ share: { devices: 3 }, errorThreshold: 2 });
    const canaries = devices.filter(({ account }) => canaryOrder.canaries.includes(account));
    const isCanary = devices.map((device) => canaries.includes(device));
    await give(canaryOrder);
    await publish(2);
    await eventually(() => {
      expect(running()).toEqual(versions(2n, 1n, { isCanary }));
    });
    const [one, two, healthy] = canaries;
    bad.set(one?.account ?? '0x', 'unhealthy');
    await eventually(async () => {
      expect(await report()).toMatchObject({ phase: 'canary', failed: 1 });
    });
    expect(healthy?.agent.slot('climate')?.target.version).toBe(2n);
    bad.set(two?.account ?? '0x', 'unhealthy');
    await eventually(() => {
      expect(running()).toEqual([1n, 1n, 1n, 1n]);
    });
    await eventually(async () => {
      const { phase, devices: told } = await report();
      expect(phase).toBe('aborted-by-threshold');
      expect(told.find(({ account }) => account === healthy?.account)).toMatchObject({ state: 'returned', code: null });
    });
  });

  test('a pause keeps canaries from starting, and a resumption lets them', async () => {
    const { devices, running, give, order, publish, report } = await openRolloutSite(misbehaviour().behave);
    const canaryOrder = order({ phase: 'paused' });
    const isCanary = devices.map(({ account }) => canaryOrder.canaries.includes(account));
    await give(canaryOrder);
    await publish(2);
    await eventually(async () => {
      const { devices: told } = await report();
      expect(told.map(({ state }) => state)).toEqual(['held', 'held', 'held', 'held']);
    });
    expect(running()).toEqual([1n, 1n, 1n, 1n]);
    await give({ ...canaryOrder, phase: 'canary', serial: 2 });
    await eventually(() => {
      expect(running()).toEqual(versions(2n, 1n, { isCanary }));
    });
  });

  test('a revocation stops canaries and others alike', async () => {
    const { devices, running, give, order, publish, site } = await openRolloutSite(misbehaviour().behave);
    const canaryOrder = order({});
    const isCanary = devices.map(({ account }) => canaryOrder.canaries.includes(account));
    await give(canaryOrder);
    await publish(2);
    await eventually(() => {
      expect(running()).toEqual(versions(2n, 1n, { isCanary }));
    });
    await site.revoke('climate', 2);
    await eventually(() => {
      for (const { agent } of devices) expect(agent.codes('greenfields/climate')).toContain('REVOKED');
    });
    expect(running()).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('a dew takes orders from nobody but those who may manage the resource', async () => {
    const { give, order, site, sealed } = await openRolloutSite(misbehaviour().behave);
    const stranger = { ...order({}), author: walletOf(40).account };
    expect(await give(stranger, 40)).toBe(403);
    await grantManage(site, walletOf(40).account);
    await eventually(async () => {
      expect(await give(stranger, 40)).toBe(204);
    });
    // Brought by one, signed by another.
    expect(await give(order({ serial: 2 }), 40)).toBe(403);
    expect(await give(order({ serial: 2, from: sealed(5), to: sealed(6) }))).toBe(503);
    expect(await give(order({ serial: 2, from: { ...sealed(1), digest: sealed(2).digest } }))).toBe(409);
  });
});

import { describe, expect, test } from 'vitest';
import { digestOf } from '../../core/digest.ts';
import { accountSubject } from '../../core/ids.ts';
import type { RolloutOrder } from '../../core/rollout/order.ts';
import type { SignedOutcome } from '../../core/rollout/outcome.ts';
import type { RolloutNote } from '../../core/wire/rollout-note.ts';
import { createEdgeStore } from '../../edge/store/edge-store.ts';
import { orderOf, signOrder, signOutcome } from '../core/support/rollout.ts';
import { bytesOf, rawResource } from '../core/support/samples.ts';
import { walletOf } from '../platform/wallets.ts';
import { grantManage, strict } from './support/rollout-site.ts';
import { ADMIN, ADMIN_WALLET, createSite, resourceOf } from './support/site.ts';
import { startTestDew } from './support/test-dew.ts';
import { eventually, startTestAgent } from './support/test-edge.ts';
import { createTestRuntime, type TestRuntime } from './support/test-hosts.ts';
import { openTestStore } from './support/test-store.ts';

const STRANGER = 40;
const PEERS = [31, 32] as const;
const R = resourceOf('climate');

async function noteOf(order: RolloutOrder, wallet = ADMIN_WALLET): Promise<RolloutNote> {
  return { signed: await signOrder(order, wallet), failures: [] };
}

async function noteWith(order: RolloutOrder, failures: readonly Promise<SignedOutcome>[]): Promise<RolloutNote> {
  return { ...(await noteOf(order)), failures: await Promise.all(failures) };
}

/** A device that runs version 1, and a dew that hands over what a test says; the admin may manage the resource. */
async function setUp({ pollEveryMs = 20 }: { pollEveryMs?: number } = {}) {
  const site = await createSite();
  await grantManage(site, ADMIN);
  const dew = await startTestDew(site);
  const publish = (version: number) => site.publish('climate', { version, health: strict });
  const first = await publish(1);
  dew.assign('climate');
  const store = createEdgeStore(await openTestStore());
  const start = async (behave: TestRuntime['behave'] = () => 'well') => {
    const runtime = createTestRuntime();
    runtime.behave = behave;
    const hosts = { views: runtime.start };
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts, store, pollEveryMs });
    return { agent, runtime };
  };
  const { agent, runtime } = await start();
  const runs = async (version: bigint, on = agent) => {
    await eventually(() => {
      expect(on.slot('climate')).toMatchObject({ phase: 'running', target: { version } });
    });
  };
  await runs(1n);
  const { chain, genesis, registry } = site.chain.anchor();
  const second = digestOf(bytesOf(rawResource({ version: 2, health: strict }, { name: 'climate' })));
  const order = (rest: Partial<RolloutOrder> = {}) =>
    orderOf({
      ledger: { chain, genesis, registry },
      from: { version: 1, digest: first.digest },
      to: { version: 2, digest: second },
      canaries: [site.account, ...PEERS.map((wallet) => walletOf(wallet).account)],
      errorThreshold: 2,
      ...rest,
    });
  /** Waits until the device took two more answers of its dew. */
  const answered = async () => {
    const before = dew.asked.length;
    await eventually(() => {
      expect(dew.asked.slice(before).filter((path) => path.startsWith('/v1/assignments/')).length).toBeGreaterThan(2);
    });
  };
  const goesOn = async (version: bigint, on = agent) => {
    await answered();
    expect(on.slot('climate')).toMatchObject({ phase: 'running', target: { version } });
  };
  const orderTaken = (on = agent) => on.memory.rollouts.get(R)?.signed.order;
  return { site, dew, publish, first, order, start, agent, runtime, runs, goesOn, orderTaken };
}

/** As `setUp`, on probation at version 2 as one of three canaries. */
async function onProbation() {
  const site = await setUp();
  const { dew, order, publish, agent, runs } = site;
  dew.rollouts = [await noteOf(order())];
  await publish(2);
  await runs(2n);
  expect(agent.memory.rollouts.get(R)?.fallback?.version).toBe(1n);
  return site;
}

const abort = { phase: 'aborted', serial: 9 } as const;
const stranger = walletOf(STRANGER).account;

describe('a device on probation is brought back by its author alone', () => {
  test('by a signed order', async () => {
    const { dew, order, runs, agent } = await onProbation();
    dew.rollouts = [await noteOf(order(abort))];
    await runs(1n);
    expect(agent.memory.rollouts.get(R)).toMatchObject({ fallback: null, returned: { reason: 'aborted' } });
  });

  test('whose older version was kept whole, bytes and proof, whatever came in between', async () => {
    const { site, dew, order, agent, first, runs, start, runtime } = await onProbation();
    await site.publish('pump', { version: 1, health: strict });
    dew.assign('climate', 'pump');
    await eventually(() => {
      expect(agent.stateOf('pump')).toBe('RUNNING');
    });
    await site.publish('pump', { version: 2, health: strict });
    await eventually(() => {
      expect(agent.slot('pump')?.target.version).toBe(2n);
    });
    const bundle = agent.memory.rollouts.get(R)?.fallback?.bundle;
    // Only the version before of the pump is swept.
    dew.assign('pump', 'climate');
    await eventually(async () => {
      expect(await agent.store.digests('contents')).toHaveLength(3);
    });
    expect(await agent.store.digests('contents')).toContain(first.digest);
    expect(await agent.store.digests('bundles')).toContain(bundle);
    expect((await agent.verify()).refusals).toEqual([]);
    dew.rollouts = [await noteOf(order(abort))];
    await runs(1n);
    expect(runtime.journal.filter((entry) => entry === 'start climate@1')).toHaveLength(2);
    await agent.close();
    site.chain.setReachable(false);
    await runs(1n, (await start()).agent);
  });

  test.each<readonly [string, string, Partial<RolloutOrder>, number]>([
    ["that was forged in the author's name", 'UNAUTHENTICATED', {}, STRANGER],
    ['of an account that may not manage', 'FORBIDDEN', { author: stranger }, STRANGER],
    [
      'for the same names on another ledger',
      'WRONG_CHAIN',
      { ledger: { ...orderOf().ledger, chain: 'memory:other' } },
      ADMIN_WALLET,
    ],
    [
      'about another document',
      'MIX_AND_MATCH',
      { to: { version: 2, digest: digestOf(Buffer.from('?')) } },
      ADMIN_WALLET,
    ],
  ])('not by an order %s', async (_, code, rest, wallet) => {
    const { dew, order, agent, goesOn } = await onProbation();
    dew.rollouts = [await noteOf(order({ ...abort, ...rest }), wallet)];
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual([code]);
    });
    await goesOn(2n);
  });

  test.each<readonly [string, Partial<RolloutOrder>]>([
    ['another resource', { name: 'pump' }],
    ['another tenant', { tenant: 'elsewhere' }],
    ['a version that the ledger has not', { to: { version: 3, digest: digestOf(Buffer.from('?')) } }],
  ])('not by an order about %s', async (_, rest) => {
    const { dew, order, goesOn, orderTaken } = await onProbation();
    dew.rollouts = [await noteOf(order({ ...abort, ...rest }))];
    await goesOn(2n);
    expect(orderTaken()?.serial).toBe(1);
  });

  test('not to another version than it came from, whatever its author orders', async () => {
    const { dew, order, goesOn, orderTaken } = await onProbation();
    dew.rollouts = [await noteOf(order({ ...abort, from: { version: 1, digest: digestOf(Buffer.from('?')) } }))];
    await eventually(() => {
      expect(orderTaken()?.phase).toBe('aborted');
    });
    await goesOn(2n);
  });

  test('not where it came from another version than the order names: that is no probation', async () => {
    const { dew, order, publish, runs, agent } = await setUp();
    const from = { version: 1, digest: digestOf(Buffer.from('?')) };
    dew.rollouts = [await noteOf(order({ from }))];
    await publish(2);
    await runs(2n);
    expect(agent.memory.rollouts.get(R)).toMatchObject({ fallback: null });
  });

  test('not by an older order, before a restart and after it', async () => {
    const { dew, order, agent, goesOn, orderTaken, start, runs } = await onProbation();
    dew.rollouts = [await noteOf(order({ serial: 3 }))];
    await eventually(() => {
      expect(orderTaken()?.serial).toBe(3);
    });
    dew.rollouts = [await noteOf(order({ ...abort, serial: 2 }))];
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['ROLLBACK']);
    });
    await goesOn(2n);
    await agent.close();
    const { agent: again } = await start();
    await runs(2n, again);
    await eventually(() => {
      expect(again.codes('greenfields/climate')).toEqual(['ROLLBACK']);
    });
    await goesOn(2n, again);
  });

  test('not by another order of a serial that it has', async () => {
    const { dew, order, agent, goesOn } = await onProbation();
    dew.rollouts = [await noteOf(order({ phase: 'aborted' }))];
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['EQUIVOCATION']);
    });
    await goesOn(2n);
  });

  test('not by an order from before its author lost the right', async () => {
    const { site, dew, order, agent, goesOn } = await onProbation();
    await site.do({ type: 'revoke-grant', resource: R, subject: accountSubject(ADMIN) });
    await eventually(() => {
      expect(agent.keeper.newest()?.state.grant(R, accountSubject(ADMIN))).toBeUndefined();
    });
    dew.rollouts = [await noteOf(order(abort))];
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['FORBIDDEN']);
    });
    await goesOn(2n);
  });

  test('not by itself either, once the author of the order may no longer manage', async () => {
    const { site, runtime, agent } = await onProbation();
    await site.do({ type: 'revoke-grant', resource: R, subject: accountSubject(ADMIN) });
    await eventually(() => {
      expect(agent.keeper.newest()?.state.grant(R, accountSubject(ADMIN))).toBeUndefined();
    });
    runtime.hosts.at(-1)?.fail();
    await eventually(() => {
      expect(runtime.journal.filter((entry) => entry === 'take-over climate@2').length).toBeGreaterThan(1);
    });
    expect(runtime.journal.filter((entry) => entry === 'start climate@1')).toHaveLength(1);
  });

  test('not from what was promoted', async () => {
    const { dew, order, runtime, agent, orderTaken } = await onProbation();
    dew.rollouts = [await noteOf(order({ phase: 'promoted', serial: 2 }))];
    await eventually(() => {
      expect(orderTaken()?.phase).toBe('promoted');
    });
    runtime.hosts.at(-1)?.fail();
    await eventually(() => {
      expect(runtime.journal.filter((entry) => entry === 'take-over climate@2')).toHaveLength(2);
    });
    expect(agent.memory.rollouts.get(R)?.fallback).toBeNull();
  });

  test('not into a version whose bytes decayed: the newer one stays', async () => {
    const { dew, order, agent, first, goesOn } = await onProbation();
    const bytes = Buffer.from(first.bytes);
    bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9);
    await agent.store.write([{ kind: 'bytes', in: 'contents', digest: first.digest, value: bytes }]);
    dew.rollouts = [await noteOf(order(abort))];
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['DIGEST_MISMATCH']);
    });
    await goesOn(2n);
  });
});

describe("a dew's word for the failures of others", () => {
  const [one, two] = PEERS;

  test('counts where as many canaries signed it as the order says, and after a restart too', async () => {
    const { dew, order, agent, runs, start } = await onProbation();
    dew.rollouts = [
      await noteWith(order(), [signOutcome(order(), { wallet: one }), signOutcome(order(), { wallet: two })]),
    ];
    await runs(1n);
    expect(agent.memory.rollouts.get(R)).toMatchObject({ halted: true, returned: { reason: 'threshold' } });
    await agent.close();
    // The dew takes the failures back: what the device has seen, it has seen.
    dew.rollouts = [await noteOf(order())];
    const { agent: again, runtime } = await start();
    await runs(1n, again);
    expect(runtime.journal).not.toContain('start climate@2');
  });

  test.each<readonly [string, Parameters<typeof signOutcome>[1], Partial<RolloutOrder>]>([
    ['it signed itself', { wallet: two, signedBy: STRANGER }, {}],
    ['is of a device that is no canary', { wallet: STRANGER }, {}],
    ['is of one canary, told twice', { wallet: one, code: 'TIMEOUT' }, {}],
    ['is no failure', { wallet: two, state: 'returned' }, {}],
    ['was said of another order', { wallet: two }, { serial: 2 }],
  ])('counts for nothing where one of two %s', async (_, of, rest) => {
    const { dew, order, goesOn } = await onProbation();
    dew.rollouts = [await noteWith(order(), [signOutcome(order(), { wallet: one }), signOutcome(order(rest), of)])];
    await goesOn(2n);
  });
});

describe('a device that an order holds back', () => {
  const noCanary = { canaries: [walletOf(31).account], errorThreshold: 1 };

  test('asks its dew once it sees a newer version, long before the next poll, and holds', async () => {
    const { dew, order, publish, agent, orderTaken } = await setUp({ pollEveryMs: 3_600_000 });
    dew.rollouts = [await noteOf(order(noCanary))];
    await publish(2);
    await eventually(() => {
      expect(orderTaken()?.serial).toBe(1);
    });
    expect(agent.slot('climate')?.target.version).toBe(1n);
    expect(agent.slot('climate', 'next')).toBeUndefined();
  });

  test('goes on holding with the order withheld, the dew gone and its author without the right, over a restart', async () => {
    const { site, dew, order, publish, agent, goesOn, orderTaken, start, runs } = await setUp();
    dew.rollouts = [await noteOf(order(noCanary))];
    await publish(2);
    await eventually(() => {
      expect(orderTaken()?.serial).toBe(1);
    });
    dew.rollouts = [];
    await goesOn(1n);
    await site.do({ type: 'revoke-grant', resource: R, subject: accountSubject(ADMIN) });
    await goesOn(1n);
    await agent.close();
    const { agent: again, runtime } = await start();
    await runs(1n, again);
    await goesOn(1n, again);
    expect(runtime.journal).not.toContain('start climate@2');
  });

  test('is not held back by a stranger', async () => {
    const { dew, order, publish, runs, agent } = await setUp();
    dew.rollouts = [await noteOf(order({ ...noCanary, author: stranger }), STRANGER)];
    await publish(2);
    await runs(2n);
    expect(agent.codes('greenfields/climate')).toContain('FORBIDDEN');
  });

  test('takes no list with an order that is none', async () => {
    const { dew, order, agent, goesOn } = await setUp();
    const signed = await signOrder(order());
    dew.rollouts = [{ signed: { ...signed, colour: 'blue' }, failures: [] } as never];
    await eventually(() => {
      expect(agent.codes('dew')).toEqual(['SCHEMA']);
    });
    await goesOn(1n);
  });
});

import { describe, expect, test } from 'vitest';
import { accountSubject } from '../../core/ids.ts';
import { NEVER } from '../../core/policy.ts';
import { MAX_ORDER_BYTES, type RolloutOrder } from '../../core/rollout/order.ts';
import { MAX_OUTCOMES_BYTES, type SignedOutcome } from '../../core/rollout/outcome.ts';
import { MAX_ROLLOUT_NOTES } from '../../core/wire/rollout-note.ts';
import { rolloutReportSchema } from '../../core/wire/rollout-report.ts';
import type { DewRollout, RolloutStore } from '../../dew/rollout/rollout-store.ts';
import { createDewRollouts } from '../../dew/rollout/rollouts.ts';
import { isSignedBy } from '../../cli/is-signed-by.ts';
import { eventually } from '../platform/eventually.ts';
import { orderOf, signOrder, signOutcome } from '../core/support/rollout.ts';
import { resource } from './support/documents.ts';
import { accountOf, cast, openSite, type Caller, type Site } from './support/site.ts';

const ROUTE = '/v1/rollouts/greenfields/climate';
const [first, second] = [resource({ version: 1 }), resource({ version: 2 })];
const canary = accountOf('edge');

/** A dew with version 1 active, two edges, and a publisher who may manage it. */
async function setUp(): Promise<Site> {
  const site = await openSite();
  for (const edge of ['edge', 'secondEdge'] as const) await site.enrol(edge);
  await site.activate(first);
  await grant(site, 'publisher');
  return site;
}

async function grant(site: Site, to: Caller, of = first): Promise<void> {
  await site.submit('policyAdmin', {
    type: 'set-grant',
    resource: of.proposal.resource,
    subject: accountSubject(accountOf(to)),
    actions: ['manage'],
    offline: false,
    expiresAt: NEVER,
  });
}

function order({ chain }: Site, rest: Partial<RolloutOrder> = {}): RolloutOrder {
  const { chain: id, genesis, registry } = chain.anchor();
  return orderOf({
    ledger: { chain: id, genesis, registry },
    from: { version: 1, digest: first.digest },
    to: { version: 2, digest: second.digest },
    canaries: [canary],
    author: accountOf('publisher'),
    ...rest,
  });
}

interface Giving {
  readonly signedBy?: Caller;
  /** Who brings it; undefined is nobody. */
  readonly by?: Caller | undefined;
  readonly route?: string;
}

async function give(site: Site, given: RolloutOrder, how: Giving = {}): Promise<string> {
  const { signedBy = 'publisher', route = ROUTE } = how;
  const body = Buffer.from(JSON.stringify(await signOrder(given, cast[signedBy])));
  return (await site.call('by' in how ? how.by : signedBy, `PUT ${route}`, { body })).code;
}

/** The dew may be a block behind the grant. */
async function giveOnceGranted(site: Site, given: RolloutOrder): Promise<void> {
  await eventually(() => give(site, given)).toBe('ok');
}

async function tell(site: Site, caller: Caller | undefined, outcomes: readonly SignedOutcome[]): Promise<string> {
  return (await site.call(caller, 'POST /v1/outcomes', { body: Buffer.from(JSON.stringify({ outcomes })) })).code;
}

async function report(site: Site) {
  const { body } = await site.call('publisher', `GET ${ROUTE}`);
  return rolloutReportSchema.parse(JSON.parse(Buffer.from(body).toString()));
}

describe('a dew takes a rollout order', () => {
  test('of who may manage the resource, hands it to the devices of the group, and keeps it', async () => {
    const site = await setUp();
    await giveOnceGranted(site, order(site));
    expect(await give(site, order(site))).toBe('ok');
    for (const edge of ['edge', 'secondEdge'] as const) {
      expect((await site.assignments(edge)).rollouts).toMatchObject([
        { signed: { order: { serial: 1 } }, failures: [] },
      ]);
    }
    const again = await site.restart();
    expect((await again.assignments('edge')).rollouts).toHaveLength(1);
    expect(await report(again)).toMatchObject({ phase: 'canary', failed: 0 });
    expect(await give(again, order(again, { phase: 'aborted' }))).toBe('EQUIVOCATION');
  });

  test('is there before its version is active, and while that has no document', async () => {
    const site = await setUp();
    await giveOnceGranted(site, order(site));
    await site.submit('publisher', { type: 'propose', proposals: [second.proposal] });
    await site.submit('approver', { type: 'approve', proposals: [second.proposal] });
    await eventually(async () => (await site.assignments('edge')).undecided).toEqual([first.proposal.resource]);
    expect((await site.assignments('edge')).rollouts).toHaveLength(1);
  });

  test('no more once a newer version is active', async () => {
    const site = await setUp();
    await giveOnceGranted(site, order(site));
    await site.activate(second);
    await site.activate(resource({ version: 3 }));
    await eventually(async () => (await site.assignments('edge')).rollouts).toEqual([]);
    expect(await give(site, order(site, { serial: 2 }))).toBe('CONFLICT');
  });

  test.each<readonly [string, string, Partial<RolloutOrder>, Giving]>([
    ['of nobody', 'UNAUTHENTICATED', {}, { by: undefined }],
    ['that somebody else brings', 'FORBIDDEN', {}, { by: 'approver' }],
    ['that was not signed by its author', 'UNAUTHENTICATED', {}, { signedBy: 'stranger', by: 'publisher' }],
    ['of an approver without a grant', 'FORBIDDEN', { author: accountOf('approver') }, { signedBy: 'approver' }],
    ['about another resource', 'WRONG_RESOURCE', { name: 'pump' }, {}],
    ['of another ledger', 'WRONG_CHAIN', { ledger: orderOf().ledger }, {}],
    [
      'from a version that it does not know',
      'LEDGER_BEHIND',
      { from: { ...orderOf().from, version: 7 }, to: { ...orderOf().to, version: 8 } },
      {},
    ],
    ['from another document', 'CONFLICT', { from: { version: 1, digest: second.digest } }, {}],
  ])('but none %s', async (_, code, rest, how) => {
    const site = await setUp();
    await giveOnceGranted(site, order(site));
    expect(await give(site, order(site, { serial: 2, ...rest }), how)).toBe(code);
    expect((await report(site)).signed.order.serial).toBe(1);
  });

  test.each([
    ['SCHEMA', Buffer.from('not json')],
    ['SCHEMA', Buffer.from('{"order":{}}')],
    ['ENDLESS_DATA', Buffer.alloc(MAX_ORDER_BYTES + 1, 0x20)],
  ])('but no nonsense (%s)', async (code, body) => {
    const site = await setUp();
    expect((await site.call('publisher', `PUT ${ROUTE}`, { body })).code).toBe(code);
  });

  test('but no more than devices can hear of', async () => {
    const site = await setUp();
    const others = Array.from({ length: MAX_ROLLOUT_NOTES }, (_, index) => resource({ name: `r-${index}` }));
    await site.activate(...others);
    for (const one of others) await grant(site, 'publisher', one);
    for (const one of others) {
      const of = { name: one.name, from: { version: 1, digest: one.digest } };
      await eventually(() => give(site, order(site, of), { route: `/v1/rollouts/greenfields/${one.name}` })).toBe('ok');
    }
    expect(await give(site, order(site))).toBe('CONFLICT');
  });
});

describe('a dew tells of a rollout', () => {
  test('reviewers and who may manage it, nobody else', async () => {
    const site = await setUp();
    expect((await site.call('revoker', `GET ${ROUTE}`)).code).toBe('NOT_FOUND');
    await giveOnceGranted(site, order(site));
    expect((await site.call('revoker', `GET ${ROUTE}`)).code).toBe('ok');
    expect((await site.call('stranger', `GET ${ROUTE}`)).code).toBe('FORBIDDEN');
    expect((await site.call('edge', `GET ${ROUTE}`)).code).toBe('FORBIDDEN');
    expect((await site.call(undefined, `GET ${ROUTE}`)).code).toBe('UNAUTHENTICATED');
  });
});

describe('a dew takes outcomes', () => {
  test('of devices about themselves, signed twice over', async () => {
    const site = await setUp();
    const own = order(site);
    await giveOnceGranted(site, own);
    const good = await signOutcome(own, { wallet: cast.edge, state: 'running', version: 2, code: null });
    expect(await tell(site, undefined, [good])).toBe('UNAUTHENTICATED');
    expect(await tell(site, 'stranger', [good])).toBe('NOT_ENROLLED');
    expect(await tell(site, 'secondEdge', [good])).toBe('WRONG_DEVICE');
    const forged = await signOutcome(own, { wallet: cast.edge, signedBy: cast.secondEdge });
    expect(await tell(site, 'edge', [forged])).toBe('UNAUTHENTICATED');
    expect(await tell(site, 'edge', [])).toBe('SCHEMA');
    const large = await site.call('edge', 'POST /v1/outcomes', { body: Buffer.alloc(MAX_OUTCOMES_BYTES + 1, 0x20) });
    expect(large.code).toBe('ENDLESS_DATA');
    expect((await report(site)).devices.every(({ state }) => state === 'unknown')).toBe(true);
    expect(await tell(site, 'edge', [good])).toBe('ok');
    expect((await report(site)).devices).toContainEqual(
      expect.objectContaining({ account: canary, canary: true, state: 'running', version: 2 }),
    );
  });

  test('under an order that it does not know: they change nothing', async () => {
    const site = await setUp();
    await giveOnceGranted(site, order(site));
    expect(await tell(site, 'edge', [await signOutcome(order(site, { serial: 7 }), { wallet: cast.edge })])).toBe('ok');
    expect(await report(site)).toMatchObject({ phase: 'canary', failed: 0 });
  });

  test('of devices of its group alone', async () => {
    const site = await setUp();
    await site.enrol('publisher', { group: 'barn-9' });
    const own = order(site);
    await giveOnceGranted(site, own);
    expect(await tell(site, 'publisher', [await signOutcome(own, { wallet: cast.publisher })])).toBe('ok');
    expect((await report(site)).devices.map(({ account }) => account)).not.toContain(accountOf('publisher'));
  });

  test('and writes what is new alone, once a call', async () => {
    const site = await setUp();
    const own = order(site);
    await giveOnceGranted(site, own);
    const state = site.chain.state();
    const device = state.devices.get(canary);
    if (device === undefined) throw new TypeError('the canary is enrolled');
    let saves = 0;
    const rollout: DewRollout = {
      signed: await signOrder(own, cast.publisher),
      receivedMs: 0,
      halted: false,
      outcomes: [],
    };
    const store: RolloutStore = {
      loaded: new Map([[first.proposal.resource, rollout]]),
      save: () => Promise.resolve(void (saves += 1)),
    };
    let nowMs = 1000;
    const rollouts = createDewRollouts({ store, nowMs: () => nowMs, isSignedBy });
    const runs = await signOutcome(own, { wallet: cast.edge, state: 'running', code: null });
    const held = await signOutcome(own, { wallet: cast.edge, state: 'held', code: null });
    await rollouts.takeOutcomes([held, runs, held, runs], { device, state });
    expect(saves).toBe(1);
    nowMs = 2000;
    await rollouts.takeOutcomes([runs], { device, state });
    expect(saves).toBe(1);
    expect(rollouts.get(first.proposal.resource)?.outcomes).toEqual([{ signed: runs, atMs: 2000 }]);
    await rollouts.takeOutcomes([held], { device, state });
    expect(saves).toBe(2);
  });

  test('and once as many canaries failed as the order says, hands on their proof, whatever they say later', async () => {
    const site = await setUp();
    const own = order(site);
    await giveOnceGranted(site, own);
    const noCanary = await signOutcome(own, { wallet: cast.secondEdge });
    await tell(site, 'secondEdge', [noCanary]);
    expect(await report(site)).toMatchObject({ phase: 'canary', failed: 0 });
    const failure = await signOutcome(own, { wallet: cast.edge });
    await tell(site, 'edge', [failure]);
    expect(await report(site)).toMatchObject({ phase: 'aborted-by-threshold', failed: 1 });
    await tell(site, 'edge', [await signOutcome(own, { wallet: cast.edge, state: 'running', code: null })]);
    const again = await site.restart();
    expect(await report(again)).toMatchObject({ phase: 'aborted-by-threshold', failed: 1 });
    expect((await again.assignments('secondEdge')).rollouts).toMatchObject([{ failures: [failure] }]);

    // The author decides anew: failures count from the beginning.
    expect(await give(again, order(again, { serial: 2 }))).toBe('ok');
    expect(await report(again)).toMatchObject({ phase: 'canary', failed: 0 });
    expect((await again.assignments('secondEdge')).rollouts).toMatchObject([{ failures: [] }]);
  });

  test('and leaves a promoted order out for who runs it already', async () => {
    const site = await setUp();
    await giveOnceGranted(site, order(site));
    await site.activate(second);
    const promoted = order(site, { phase: 'promoted', serial: 2 });
    expect(await give(site, promoted)).toBe('ok');
    await tell(site, 'edge', [await signOutcome(promoted, { wallet: cast.edge, state: 'running', code: null })]);
    expect((await site.assignments('edge')).rollouts).toEqual([]);
    expect((await site.assignments('secondEdge')).rollouts).toHaveLength(1);
  });
});

import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DewproofError } from '../../core/errors.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { followLedger, type LedgerFollower } from '../../dew/ledger/follow-ledger.ts';
import type { KnownState } from '../../dew/ledger/state-json.ts';
import { openStateStore } from '../../dew/ledger/state-store.ts';
import { createLog } from '../../platform/log.ts';
import { openStore } from '../../platform/store/open-store.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { rootedAnchor } from '../support/test-anchors.ts';
import { resource } from './support/documents.ts';
import { accountOf, openSite, testChain, type Site } from './support/site.ts';
import { eventually } from '../platform/eventually.ts';

const document = resource();

async function servingSite(): Promise<Site> {
  const site = await openSite();
  await site.enrol('edge');
  await site.activate(document);
  const height = site.chain.state().block?.height.toString();
  await eventually(() => site.dew.status().ledger.height).toBe(height);
  expect(await site.namesFor('edge')).toEqual(['climate']);
  return site;
}

/** The state that a closed dew's disk holds. */
async function storedState(folder: string): Promise<KnownState | undefined> {
  const store = await openStore(join(folder, 'store'));
  const { loaded } = await openStateStore(store, { anchor: rootedAnchor() });
  await store.close();
  return loaded;
}

async function serves(site: Site): Promise<void> {
  expect((await site.call('edge', `GET /v1/documents/${document.digest}`)).code).toBe('ok');
  expect(await site.namesFor('edge')).toEqual(['climate']);
}

describe('a ledger out of reach', () => {
  test('leaves the dew serving, which says so and recovers, also where no new block comes', async () => {
    const site = await servingSite();
    site.chain.setReachable(false);
    await eventually(() => site.dew.status().ledger.trouble?.code).toBe('LEDGER_UNAVAILABLE');
    await serves(site);
    expect((await site.call(undefined, 'GET /readyz')).code).toBe('LEDGER_UNAVAILABLE');
    expect((await site.call(undefined, 'GET /healthz')).code).toBe('ok');
    site.chain.setReachable(true);
    await eventually(() => site.dew.status().ledger.trouble).toBeNull();
    expect((await site.call(undefined, 'GET /readyz')).code).toBe('ok');
  });

  test('leaves it serving after a restart too', async () => {
    const site = await servingSite();
    site.chain.setReachable(false);
    const again = await site.restart();
    await serves(again);
    await eventually(() => again.dew.status().ledger.trouble?.code).toBe('LEDGER_UNAVAILABLE');
  });

  test('has a dew that never saw it answer nothing, rather than an empty list that stops devices', async () => {
    const site = await servingSite();
    site.chain.setReachable(false);
    const fresh = await openSite({ chain: site.chain, isReady: false });
    expect((await fresh.call('edge', `GET /v1/assignments/${accountOf('edge')}`)).code).toBe('LEDGER_BEHIND');
    expect((await fresh.call(undefined, 'GET /readyz')).code).toBe('LEDGER_BEHIND');
    site.chain.setReachable(true);
    await eventually(async () => (await fresh.call(undefined, 'GET /readyz')).code).toBe('ok');
  });
});

describe('another history', () => {
  test.each([
    ['EQUIVOCATION', { from: 1n }],
    ['WRONG_CHAIN', { from: 0n }],
  ] as const)('(%s) changes nothing, is told, and the disk keeps the first', async (code, rewriting) => {
    const site = await servingSite();
    const head = site.dew.status().ledger.height;
    site.chain.rewriteHistory(rewriting);
    await site
      .submit('revoker', { type: 'revoke', resource: document.proposal.resource, version: 1n })
      .catch(() => undefined);
    site.chain.mine();
    await eventually(() => site.dew.status().ledger.trouble?.code).toBe(code);
    await serves(site);
    expect((await site.call(undefined, 'GET /readyz')).code).toBe(code);
    expect(site.dew.status().ledger.height).toBe(head);
    await site.close();
    const stored = await storedState(site.folder);
    expect(stored?.state.heads.get(document.proposal.resource)?.status).toBe('active');
    expect(stored?.state.block?.height.toString()).toBe(head);
  });

  test('of another ledger is noticed though the chain has every block of ours', async () => {
    const site = await servingSite();
    const other: Ledger = {
      ...site.chain.ledgerOf(),
      identity: async () => ({ ...(await site.chain.ledgerOf().identity()), registry: 'another' }),
    };
    const again = await site.restart({ ledger: other });
    await eventually(() => again.dew.status().ledger.trouble?.code).toBe('WRONG_CHAIN');
    await serves(again);
  });

  test('of the registry that a new anchor names is read anew', async () => {
    const site = await servingSite();
    const identity = { ...(await site.chain.ledgerOf().identity()), registry: 'another' };
    const other: Ledger = { ...site.chain.ledgerOf(), identity: () => Promise.resolve(identity) };
    const anchor = { ...site.chain.anchor(), registry: identity.registry };
    const again = await site.restart({ ledger: other, anchor });
    await serves(again);
    expect(again.dew.status().ledger.trouble).toBeNull();
    await again.close();
    expect((await storedState(site.folder))?.identity.registry).toBe('another');
  });

  test('is forgiven once the first one is back', async () => {
    const site = await servingSite();
    const truth = site.chain.ledgerOf();
    let isLying = true;
    const ledger: Ledger = {
      ...truth,
      events: (request) => {
        if (isLying) throw new DewproofError('EQUIVOCATION', 'Another history.');
        return truth.events(request);
      },
    };
    const again = await site.restart({ ledger });
    await eventually(() => again.dew.status().ledger.trouble?.code).toBe('EQUIVOCATION');
    isLying = false;
    site.chain.mine();
    await eventually(() => again.dew.status().ledger.trouble).toBeNull();
  });
});

describe('a restart', () => {
  test('goes on where the disk stands', async () => {
    const site = await servingSite();
    const asked: (bigint | undefined)[] = [];
    const truth = site.chain.ledgerOf();
    const ledger: Ledger = {
      ...truth,
      events: (request) => {
        asked.push(request.after?.height);
        return truth.events(request);
      },
    };
    const head = site.chain.state().block?.height;
    const again = await site.restart({ ledger });
    await eventually(() => asked).toEqual([head]);
    await serves(again);
  });

  test('from a copy of the disk made without notice has all that was acknowledged', async () => {
    const site = await openSite();
    await site.submit('publisher', { type: 'propose', proposals: [document.proposal] });
    expect((await site.upload(document)).code).toBe('ok');
    const copy = join(temporaryFolder(), 'copy');
    mkdirSync(copy);
    cpSync(join(site.folder, 'store'), join(copy, 'store'), { recursive: true });
    site.chain.setReachable(false);
    const again = await openSite({ folder: copy, chain: site.chain });
    expect((await again.call('publisher', `GET /v1/documents/${document.digest}`)).code).toBe('ok');
  });

  test('moves nothing for what came and went meanwhile', async () => {
    const site = await openSite();
    await site.enrol('edge');
    await site.enrol('secondEdge');
    await site.activate(document);
    const hostOf = async (at: Site) => ((await at.namesFor('edge')).length > 0 ? 'edge' : 'secondEdge');
    await eventually(async () => (await site.namesFor(await hostOf(site))).length).toBe(1);
    const host = await hostOf(site);
    await site.close();
    const account = accountOf(host);
    await site.submit('registrar', { type: 'set-device-status', account, status: 'suspended' });
    await site.submit('registrar', { type: 'set-device-status', account, status: 'active' });
    const again = await openSite({ folder: site.folder, chain: site.chain });
    const height = site.chain.state().block?.height.toString();
    await eventually(() => again.dew.status().ledger.height).toBe(height);
    expect(await hostOf(again)).toBe(host);
  });
});

describe('following', () => {
  const log = createLog({ name: 'test', level: 'silent' }, { write: () => undefined });

  function follow(options: Partial<Parameters<typeof followLedger>[0]>): LedgerFollower {
    const store = { loaded: undefined, save: () => Promise.resolve() };
    const ledger = testChain().ledgerOf();
    const onChange = () => Promise.resolve();
    const follower = followLedger({ ledger, store, onChange, random: () => 0, log, ...options });
    onTestFinished(() => follower.close());
    return follower;
  }

  test('offers news again after it failed to, though no newer came', async () => {
    const chain = testChain();
    let failures = 2;
    const offered: (bigint | undefined)[] = [];
    const onChange = ({ state }: KnownState) => {
      if (failures-- > 0) return Promise.reject(new DewproofError('DISK_FULL', 'No space.'));
      offered.push(state.block?.height);
      return Promise.resolve();
    };
    const follower = follow({ ledger: chain.ledgerOf(), onChange });
    await eventually(() => offered).toEqual([0n]);
    await eventually(() => follower.known()?.state.block?.height).toBe(0n);
  });

  test('offers nothing anew for blocks that change nothing', async () => {
    const chain = testChain();
    const offered: (bigint | undefined)[] = [];
    const onChange = ({ state }: KnownState) => Promise.resolve(void offered.push(state.block?.height));
    const follower = follow({ ledger: chain.ledgerOf(), onChange });
    await follower.catchUp(5000);
    for (let blocks = 0; blocks < 3; blocks += 1) chain.mine();
    await eventually(() => follower.known()?.state.block?.height).toBe(3n);
    await chain.ledgerOf(accountOf('admin')).submit({ type: 'set-approval-threshold', threshold: 2 });
    await follower.catchUp(5000);
    expect(offered).toEqual([0n, 4n]);
  });

  test('is caught up only with what was offered', async () => {
    const chain = testChain();
    const { promise: planned, resolve: plan } = Promise.withResolvers<undefined>();
    let offers = 0;
    const onChange = async () => {
      offers += 1;
      if (offers === 2) await planned;
    };
    const follower = follow({ ledger: chain.ledgerOf(), onChange });
    expect(await follower.catchUp(5000)).toBe(true);
    await chain.ledgerOf(accountOf('admin')).submit({ type: 'set-approval-threshold', threshold: 2 });
    await eventually(() => offers).toBe(2);
    expect(await follower.catchUp(50)).toBe(false);
    plan(undefined);
    expect(await follower.catchUp(5000)).toBe(true);
  });

  test('asks for the head once for all who want to catch up', async () => {
    const truth = testChain().ledgerOf();
    let asked = 0;
    const ledger: Ledger = {
      ...truth,
      head: () => {
        asked += 1;
        return truth.head();
      },
    };
    const follower = follow({ ledger });
    await follower.catchUp(5000);
    asked = 0;
    await Promise.all(Array.from({ length: 100 }, () => follower.catchUp(5000)));
    expect(asked).toBe(1);
  });

  test('gives up on a ledger that does not answer', async () => {
    const { promise: answer, reject } = Promise.withResolvers<never>();
    const follower = follow({ ledger: { ...testChain().ledgerOf(), head: () => answer } });
    expect(await follower.catchUp(50)).toBe(false);
    reject(new DewproofError('LEDGER_UNAVAILABLE', 'Gone.'));
  });
});

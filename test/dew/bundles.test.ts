import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { connect } from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { groupIdOf } from '../../core/ids.ts';
import { hintTopic } from '../../core/wire/hint.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { signedAnchorSchema, type SignedAnchor } from '../../core/state/signed-anchor.ts';
import type { OpenSources } from '../../dew/sources.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { openStore, sublevelOf } from '../../platform/store/open-store.ts';
import { rootedAnchor, rootKeys, signAnchor } from '../support/test-anchors.ts';
import { eventually } from '../platform/eventually.ts';
import { sendRaw } from '../platform/raw-http.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { GROUP, resource, TENANT } from './support/documents.ts';
import { createFakeMaker, rootOf, type FakeMaker } from './support/fake-maker.ts';
import { accountOf, openSite, testChain, type Site, type SiteOptions } from './support/site.ts';

const document = resource();
const strangers = (count: number) =>
  Array.from({ length: count }, (_, index) => `0x${index.toString().padStart(40, '0')}`);

/** A dew with a device in its group and one in none, over a fake maker. */
async function provingSite(options: SiteOptions & { maker?: FakeMaker; refreshEveryMs?: number } = {}) {
  const maker = options.maker ?? createFakeMaker();
  const plan = { maker, verify: maker.verify, refreshEveryMs: options.refreshEveryMs ?? 0, keepSeconds: 1_000 };
  const site = await openSite({ ...options, bundles: plan });
  return { site, maker, plan };
}

async function withDevice(options: Parameters<typeof provingSite>[0] = {}) {
  const made = await provingSite(options);
  await made.site.enrol('edge');
  await changeRegistry(made);
  await eventually(() => bodyOf(made.site, accountOf('edge'))).toContain('facts of group');
  return made;
}

/** A block in which something else of the tenant changed, once the dew knows what came before. */
async function changeRegistry({ site, maker }: { site: Site; maker: FakeMaker }): Promise<void> {
  // A fake maker gives any block its newest root: what came before must be known by then.
  const { height } = await site.chain.ledgerOf().head();
  await eventually(() => site.dew.status().ledger.height).toBe(height.toString());
  maker.root = rootOf(1_000 + maker.prepared.length);
  site.chain.mine();
}

const pathOf = (account: string) => `/v1/bundles/${account}`;
const ask = (site: Site, account: string, init?: RequestInit) => fetch(site.dew.url + pathOf(account), init);
const bodyOf = async (site: Site, account: string) => (await ask(site, account)).text();
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe('a bundle', () => {
  test('is the group’s for all of its devices, with a strong tag', async () => {
    const { site, maker } = await withDevice();
    await site.enrol('secondEdge');
    await changeRegistry({ site, maker });
    const expected = '[head 1000][facts of group: ][account][slots]';
    await eventually(() => bodyOf(site, accountOf('secondEdge'))).toBe(expected);
    const response = await ask(site, accountOf('edge'));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(expected);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-type': 'application/cbor',
      'content-length': String(expected.length),
      etag: `"${createHash('sha256').update(expected).digest('hex')}"`,
    });
    const groups = maker.prepared.filter(({ audience }) => audience === 'group').length;
    await Promise.all(Array.from({ length: 50 }, () => ask(site, accountOf('edge'))));
    expect(maker.prepared.filter(({ audience }) => audience === 'group')).toHaveLength(groups);
  });

  test('answers 304 to who has it, and HEAD without a body', async () => {
    const { site } = await withDevice();
    const account = accountOf('edge');
    const etag = (await ask(site, account)).headers.get('etag') ?? '';
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const fresh = await ask(site, account, { headers: { 'if-none-match': tags } });
      expect([tags, fresh.status, await fresh.text()]).toEqual([tags, 304, '']);
    }
    expect((await ask(site, account, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    const head = await ask(site, account, { method: 'HEAD' });
    expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', etag]);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
  });

  test.each<[string, string, number]>([
    ['several lines', 'TAG\r\nIf-None-Match: "other"', 304],
    ['blanks and empty members', ' , ,\t"other",TAG ,', 304],
    ['a tag with a comma in it', '"a,b", TAG', 304],
    ['a tag that holds ours', '"xTAGx"'.replaceAll('"', ''), 200],
    ['ours without its quotes', 'BARE', 200],
    ['a star among others, which is none', '*, "other"', 200],
    ['nothing', '', 200],
  ])('is compared with tags as RFC 9110 says (13.1.2): %s', async (_, list, status) => {
    const { site } = await withDevice();
    const account = accountOf('edge');
    const tag = (await ask(site, account)).headers.get('etag') ?? '';
    const lines = list.replace('TAG', tag).replace('BARE', tag.slice(1, -1));
    for (const method of ['GET', 'HEAD']) {
      const request = `${method} ${pathOf(account)} HTTP/1.1\r\nHost: x\r\nIf-None-Match: ${lines}\r\n`;
      const answer = await sendRaw(site.dew.url, `${request}Connection: close\r\n\r\n`);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      // What a 304 or an answer to HEAD says is what the GET would have said (15.4.5, 9.3.2).
      expect(answer.toLowerCase()).toContain(`etag: ${tag}`);
      expect(answer.toLowerCase()).toContain('cache-control: no-cache');
      const hasBody = method === 'GET' && status === 200;
      expect(answer.includes('facts of group')).toBe(hasBody);
    }
  });

  test('comes under safe headers, as all answers do, whatever is accepted or asked', async () => {
    const { site } = await withDevice();
    const account = accountOf('edge');
    const safe = {
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    };
    const { headers } = await ask(site, account);
    const etag = headers.get('etag') ?? '';
    expect(Object.fromEntries(headers)).toMatchObject(safe);
    const fresh = await ask(site, account, { headers: { 'if-none-match': etag } });
    expect(Object.fromEntries(fresh.headers)).toMatchObject({ ...safe, etag, 'cache-control': 'no-cache' });
    expect(Object.fromEntries((await ask(site, '0x12')).headers)).toMatchObject(safe);
    // There is one form of it; who wants another may look at what it gets (12.4.1).
    const other = await ask(site, account, { headers: { accept: 'text/html, */*;q=0' } });
    expect([other.status, other.headers.get('content-type')]).toEqual([200, 'application/cbor']);
    // A method that it has not, known or not, is refused as at every path of a dew, and by node:http what is none.
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
      const refused = await ask(site, account, { method });
      expect([method, refused.status, await codeOf(refused)]).toEqual([method, 404, 'NOT_FOUND']);
    }
    const line = `BREW ${pathOf(account)} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect(await sendRaw(site.dew.url, line)).toMatch(/^HTTP\/1.1 400 /);
    const lower = `get ${pathOf(account)} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect(await sendRaw(site.dew.url, lower)).toMatch(/^HTTP\/1.1 400 /);
  });

  test('is found however the account is written, and nothing else is', async () => {
    const { site } = await withDevice();
    const account = accountOf('edge');
    expect((await ask(site, `0x${account.slice(2).toUpperCase()}`)).status).toBe(200);
    expect((await ask(site, `${account}?newer=1`)).status).toBe(200);
    expect((await ask(site, account.replace('x', '%78'))).status).toBe(200);
    for (const [path, status] of [
      ['0x12', 400],
      [`${account}00`, 400],
      ['..%2f..%2fetc', 400],
      ['', 400],
      [`${account}/`, 404],
    ] as const) {
      const refused = await ask(site, path);
      expect([path, refused.status, await codeOf(refused)]).toEqual([
        path,
        status,
        status === 400 ? 'SCHEMA' : 'NOT_FOUND',
      ]);
    }
    expect((await ask(site, account, { method: 'PUT', body: 'x' })).status).toBe(404);
  });

  test('is whole for who asks for a part of it, sends a body or asks for several at once', async () => {
    const { site } = await withDevice();
    const path = pathOf(accountOf('edge'));
    const answers = await sendRaw(
      site.dew.url,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n`,
      `HEAD ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`,
      `GET ${pathOf(accountOf('stranger'))} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(4);
    const bodies = [...answers.matchAll(/\[facts of (\w+): \]/g)].map(([, of]) => of);
    expect(bodies).toEqual(['group', 'group', accountOf('stranger')]);
  });

  test('is nothing that a dew of an anchor that trusts a node has', async () => {
    const site = await openSite();
    const refused = await ask(site, accountOf('edge'));
    expect([refused.status, await codeOf(refused)]).toEqual([404, 'NOT_FOUND']);
    expect(site.dew.status().bundles).toBeNull();
  });

  test('is waited for until the first is made', async () => {
    const { site, maker } = await provingSite();
    const refused = await ask(site, accountOf('stranger'));
    // Either nothing is proved yet, or the stranger is: both are true answers.
    expect([200, 503]).toContain(refused.status);
    maker.failure = new DewproofError('PROOF_INVALID', 'The node lies.');
    const other = createFakeMaker();
    other.failure = maker.failure;
    const fresh = await provingSite({ maker: other });
    await eventually(() => fresh.site.dew.status().bundles?.trouble?.code).toBe('PROOF_INVALID');
    const early = await ask(fresh.site, accountOf('edge'));
    expect([early.status, await codeOf(early), early.headers.get('retry-after')]).toEqual([503, 'LEDGER_BEHIND', '5']);
  });
});

describe('a change', () => {
  test('leads to new facts, told by a hint once they are served', async () => {
    const { site, maker } = await withDevice();
    const heard: string[] = [];
    const client = connect(site.dew.mqttUrl);
    onTestFinished(() => client.endAsync(true).then(() => undefined));
    await client.subscribeAsync(hintTopic(groupIdOf({ tenant: TENANT, name: GROUP })));
    await site.activate(document);
    client.on('message', (_topic, payload) => {
      heard.push(payload.toString());
    });
    await changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('1 active');
    await eventually(() => heard).toContain('{"about":"ledger"}');
    await site.submit('revoker', { type: 'revoke', resource: document.proposal.resource, version: 1n });
    await eventually(() => site.dew.status().ledger.height).toBe(site.chain.state().block?.height.toString());
    await changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('1 revoked');
    // What the group was told before it is told of again, whatever became of it.
    expect(maker.prepared.at(-1)?.formerly).toContain(`record/${document.proposal.resource}`);
  });

  test('of signatures alone prepares nothing', async () => {
    const { site, maker } = await withDevice();
    const { length } = maker.prepared;
    maker.attestedAt = 2_000n;
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 2000]');
    expect(maker.prepared).toHaveLength(length);
    expect(site.dew.status().bundles?.groups[0]?.attestedAt).toBe('1970-01-01T00:33:20.000Z');
  });

  test('that is vouched for in a time that no calendar has leaves status and metrics readable', async () => {
    const { site, maker } = await withDevice();
    maker.attestedAt = 2n ** 63n;
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain(`[head ${2n ** 63n}]`);
    expect(site.dew.status().bundles?.groups).toMatchObject([{ attestedAt: '+275760-09-13T00:00:00.000Z' }]);
  });

  test('of signatures alone waits its time, one of facts does not', async () => {
    const { site, maker } = await provingSite({ refreshEveryMs: 3_600_000 });
    await site.enrol('edge');
    await changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 1000][facts of group');
    maker.attestedAt = 2_000n;
    site.chain.mine();
    await eventually(() => site.dew.status().ledger.height).toBe(site.chain.state().block?.height.toString());
    expect(await bodyOf(site, accountOf('edge'))).toContain('[head 1000]');
    await changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 2000]');
  });

  test('that can not be proved leaves the last bundle, and is logged once', async () => {
    const { site, maker } = await withDevice();
    const last = await bodyOf(site, accountOf('edge'));
    maker.failure = new DewproofError('PROOF_INVALID', 'The node lies.');
    await changeRegistry({ site, maker });
    const tries = maker.prepared.length;
    await eventually(() => maker.prepared.length).toBeGreaterThan(tries + 2);
    expect(await bodyOf(site, accountOf('edge'))).toBe(last);
    expect(site.dew.status().bundles?.trouble?.code).toBe('PROOF_INVALID');
    expect(site.logged.filter((line) => line.includes('No newer bundle'))).toHaveLength(1);
    maker.failure = undefined;
    await eventually(() => site.dew.status().bundles?.trouble).toBeNull();
  });

  test('that hangs holds up nobody', async () => {
    const { site, maker } = await withDevice();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    maker.gate = promise;
    await changeRegistry({ site, maker });
    const tries = maker.prepared.length;
    await eventually(() => maker.prepared.length).toBeGreaterThan(tries);
    expect((await ask(site, accountOf('edge'))).status).toBe(200);
    resolve(undefined);
  });
});

describe('a restart', () => {
  test('serves the last with ledger and node gone', async () => {
    const { site, plan } = await withDevice();
    const last = await bodyOf(site, accountOf('edge'));
    site.chain.setReachable(false);
    const maker = { ...plan.maker, vouch: () => Promise.resolve(undefined) };
    const again = await site.restart({ bundles: { ...plan, maker }, isReady: false });
    expect(await bodyOf(again, accountOf('edge'))).toBe(last);
  });

  test('gives the maker back what it made, before the ledger is asked', async () => {
    const { site, plan, maker } = await withDevice();
    const last = await bodyOf(site, accountOf('edge'));
    maker.recalled.length = 0;
    await site.restart({ bundles: plan });
    expect(maker.recalled).toEqual([last]);
  });

  test('goes on where the maker makes nothing of that any more', async () => {
    const { site, plan } = await withDevice();
    const last = await bodyOf(site, accountOf('edge'));
    const recall = () => {
      throw new DewproofError('SCHEMA', 'It is of another version.');
    };
    const again = await site.restart({ bundles: { ...plan, maker: { ...plan.maker, recall } } });
    expect(await bodyOf(again, accountOf('edge'))).toBe(last);
  });

  test.each([
    ['block', -1n, 0n],
    ['signature', 0n, -1n],
  ])('goes back to no older %s', async (_, higher, later) => {
    const { site, plan, maker } = await withDevice();
    const shown = async (of: Site) => [
      await bodyOf(of, accountOf('edge')),
      of.dew.status().bundles?.groups.map(({ height }) => height),
    ];
    const last = await shown(site);
    const vouch: FakeMaker['vouch'] = (block) => {
      const older = { ...block, height: block.height + higher };
      return Promise.resolve({ block: older, attestedAt: maker.attestedAt + later, storageRoot: rootOf(7) });
    };
    const again = await site.restart({ bundles: { ...plan, maker: { ...maker, vouch } } });
    const own = accountOf('stranger');
    await eventually(() => bodyOf(again, own)).toContain(`facts of ${own}`);
    expect(await shown(again)).toEqual(last);
  });

  test('from a copy of the disk made without notice serves the last, of a head alone too', async () => {
    const { site, maker, plan } = await withDevice();
    maker.attestedAt = 3_000n;
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 3000]');
    const last = await bodyOf(site, accountOf('edge'));
    const copy = join(temporaryFolder(), 'copy');
    mkdirSync(copy);
    cpSync(join(site.folder, 'store'), join(copy, 'store'), { recursive: true });
    site.chain.setReachable(false);
    const silent = { ...plan.maker, vouch: () => Promise.resolve(undefined) };
    const again = await openSite({
      folder: copy,
      chain: site.chain,
      bundles: { ...plan, maker: silent },
      isReady: false,
    });
    expect(await bodyOf(again, accountOf('edge'))).toBe(last);
  });
});

/** The fake maker, which fails for the groups (by name) that `fails` holds. */
function makerWithout(fails: Set<string>): FakeMaker {
  const maker = createFakeMaker();
  const prepare = maker.prepare.bind(maker);
  const idOf = (name: string) => groupIdOf({ tenant: TENANT, name });
  maker.prepare = (request, signal) => {
    const { audience } = request;
    const isOff = 'group' in audience && [...fails].some((name) => idOf(name) === audience.group);
    return isOff
      ? Promise.reject(new DewproofError('ENDLESS_DATA', 'The group is too large for a bundle.'))
      : prepare(request, signal);
  };
  return maker;
}

async function eventuallyStatus(site: Site, code: string) {
  await eventually(() => site.dew.status().bundles?.trouble?.code).toBe(code);
  return site.dew.status();
}

describe('a group whose bundle can not be made', () => {
  test('keeps no others from theirs', async () => {
    const maker = makerWithout(new Set([GROUP]));
    const { site } = await provingSite({ maker });
    await site.enrol('edge');
    await changeRegistry({ site, maker });
    await eventually(() => site.dew.status().bundles?.trouble?.code).toBe('ENDLESS_DATA');
    await eventually(() => bodyOf(site, accountOf('stranger'))).toContain(`facts of ${accountOf('stranger')}`);
    const own = await ask(site, accountOf('edge'));
    expect([own.status, await codeOf(own)]).toEqual([503, 'LEDGER_BEHIND']);
  });

  test('is tried again by itself, and told of by name, while others go on at once', async () => {
    const fails = new Set(['other']);
    const maker = makerWithout(fails);
    const { site } = await provingSite({ maker, config: { groups: ['other', GROUP] } });
    await site.enrol('edge');
    await changeRegistry({ site, maker });
    const { bundles } = await eventuallyStatus(site, 'ENDLESS_DATA');
    expect(bundles?.failing).toEqual([
      { name: 'other', code: 'ENDLESS_DATA', message: 'The group is too large for a bundle.' },
    ]);
    // It rests for longer than this by then, but for the first few times.
    for (let attested = 2_000n; attested < 2_008n; attested += 1n) {
      maker.attestedAt = attested;
      await eventually(() => bodyOf(site, accountOf('edge'))).toContain(`[head ${attested}]`);
    }
    fails.clear();
    await eventually(() => site.dew.status().bundles?.failing).toEqual([]);
    expect(site.dew.status().bundles?.trouble).toBeNull();
  });

  test('for which a node never answers keeps no others from what is newer', async () => {
    const maker = createFakeMaker();
    const prepare = maker.prepare.bind(maker);
    const other = groupIdOf({ tenant: TENANT, name: 'other' });
    maker.prepare = (request, signal) =>
      'group' in request.audience && request.audience.group === other
        ? new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reject(signal.reason as Error);
            });
          })
        : prepare(request, signal);
    const { site } = await provingSite({ maker, config: { groups: ['other', GROUP] } });
    await site.enrol('edge');
    await changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('facts of group');
    await site.activate(document);
    await changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('1 active');
  });

  test('does not hold on to a device that moved out of it', async () => {
    const fails = new Set<string>();
    const maker = makerWithout(fails);
    const { site } = await provingSite({ maker, config: { groups: [GROUP, 'other'] } });
    await site.enrol('edge', { group: 'other' });
    await changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('facts of group');
    fails.add('other');
    const group = groupIdOf({ tenant: TENANT, name: GROUP });
    await site.submit('registrar', { type: 'set-device-group', account: accountOf('edge'), group });
    await site.activate(document);
    await changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('1 active');
  });
});

/** The status that an account's bundle is answered with, asked for from an address of this host. */
async function statusFrom(
  site: Site,
  { account, from }: { readonly account: Account; readonly from: string },
): Promise<number | undefined> {
  const asked = get(site.dew.url + pathOf(account), { localAddress: from, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('who is in none of its groups', () => {
  test('gets a bundle of its own, made once', async () => {
    const { site, maker } = await withDevice();
    const account = accountOf('stranger');
    expect(await bodyOf(site, account)).toContain(`facts of ${account}`);
    await Promise.all(Array.from({ length: 20 }, () => ask(site, account)));
    expect(maker.prepared.filter(({ audience }) => audience === account)).toHaveLength(1);
    maker.attestedAt = 4_000n;
    await eventually(() => bodyOf(site, account)).toContain('[head 4000]');
    expect(maker.prepared.filter(({ audience }) => audience === account)).toHaveLength(1);
  });

  test('can not have it ask its node without end', async () => {
    const { site, maker } = await withDevice();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    maker.gate = promise;
    const { length } = maker.prepared;
    const asked = strangers(100).map(async (account) => (await ask(site, account)).status);
    await eventually(() => maker.prepared.length).toBe(length + 1);
    // One is under way and 31 wait; a device of the group is served at once all the same.
    expect((await ask(site, accountOf('edge'))).status).toBe(200);
    const statuses = await Promise.all(asked);
    expect(statuses.filter((status) => status === 429)).toHaveLength(68);
    expect(statuses.filter((status) => status === 503)).toHaveLength(32);
    expect(maker.prepared).toHaveLength(length + 1);
    resolve(undefined);
  });

  test('and signs its calls keeps its place, however many networks ask about others', async () => {
    const { site, maker } = await withDevice();
    const elsewhere = groupIdOf({ tenant: TENANT, name: 'elsewhere' });
    const others = strangers(37)
      .slice(1)
      .map((account) => account as Account);
    await site.enrol('secondEdge', { group: 'elsewhere' });
    for (const account of others) {
      await site.submit('registrar', {
        type: 'enrol-device',
        account,
        kind: 'edge',
        group: elsewhere,
        profile: undefined,
      });
    }
    await changeRegistry({ site, maker });
    const { height } = await site.chain.ledgerOf().head();
    await eventually(() => site.dew.status().bundles?.groups[0]?.height).toBe(height.toString());
    const { promise, resolve } = Promise.withResolvers<undefined>();
    maker.gate = promise;
    const isMade = (account: Account) => maker.prepared.some(({ audience }) => audience === account);
    // One is under way, and 31 wait: of each network one, so that none has more than another; the rest is refused.
    const refused: number[] = [];
    const attack = others.map(async (account, index) => {
      const status = await statusFrom(site, { account, from: `127.0.1.${index + 1}` });
      if (status === 429) refused.push(index);
    });
    await eventually(() => refused).toHaveLength(4);
    const account = accountOf('secondEdge');
    expect(await statusFrom(site, { account, from: '127.0.0.1' })).toBe(429);
    expect((await site.call('secondEdge', `GET /v1/assignments/${account}`)).code).toBe('WRONG_GROUP');
    // From elsewhere anybody may ask for it.
    expect(await statusFrom(site, { account, from: '127.0.2.1' })).toBe(429);
    const own = statusFrom(site, { account, from: '127.0.0.1' });
    // Whoever asks after it is refused: it waits by then, and was not.
    const late = others[refused[0] ?? 0] ?? account;
    expect(await statusFrom(site, { account: late, from: '127.0.3.1' })).toBe(429);
    resolve(undefined);
    expect(await own).not.toBe(429);
    await eventually(() => isMade(account)).toBe(true);
    await Promise.all(attack);
  });
});

/** A dew whose bundles open by the anchor alone that they were made under, and what becomes of each. */
async function rotatingSite(folder = temporaryFolder(), chain = testChain()) {
  const makers = new Map<number, FakeMaker>();
  const makerBy = (version: number): FakeMaker => {
    const known = makers.get(version) ?? createFakeMaker();
    makers.set(version, known);
    known.join = (_, { attestedAt }) => ({
      head: Buffer.from(`[head ${attestedAt} by ${version}]`),
      account: Buffer.from('[account]'),
    });
    return known;
  };
  const broken = new Set<number>();
  const verify = (bundle: Uint8Array, { version }: Anchor): void => {
    if (broken.has(version)) throw new RangeError('A checker has a fault.');
    if (Buffer.from(bundle).includes(`by ${version}]`)) return;
    throw new DewproofError('QUORUM', 'Others vouch for it.');
  };
  const failing = new Set<number>();
  const stuck = new Set<number>();
  const tried: number[] = [];
  const opened: number[] = [];
  let supply = Promise.withResolvers<undefined>();
  const hanging = new Set<number>();
  const closed: number[] = [];
  const openSources: OpenSources = ({ version }) => {
    tried.push(version);
    if (failing.has(version)) return Promise.reject(new DewproofError('CONFIG', 'There is no such node.'));
    const bundles = { maker: makerBy(version), verify, refreshEveryMs: 0, keepSeconds: 1_000 };
    const { promise: hung, reject } = Promise.withResolvers<never>();
    hung.catch(() => undefined);
    const close = () => {
      closed.push(version);
      reject(new DewproofError('LEDGER_UNAVAILABLE', 'The ledger was closed; open it again.'));
      return stuck.has(version) ? Promise.reject(new Error('It does not close.')) : Promise.resolve();
    };
    const ledger = { ...chain.ledgerOf(), ...(hanging.has(version) && { identity: () => hung }) };
    opened.push(version);
    supply = Promise.withResolvers<undefined>();
    return Promise.resolve({ ledger, bundles, close, supplied: supply.promise });
  };
  const site = await openSite({ folder, chain, anchor: rootedAnchor(), openSources });
  const rotate = async (version: number): Promise<void> => {
    const input = await signAnchor(rootedAnchor({ version }), rootKeys.slice(0, 2));
    await callDaemon({ folder, command: 'import-anchors', input });
  };
  const supplied = () => {
    supply.resolve(undefined);
  };
  return {
    site,
    makerBy,
    rotate,
    failing,
    stuck,
    broken,
    hanging,
    closed,
    tried,
    opened,
    supplied,
    folder,
    chain,
    verify,
  };
}

async function rotatingDevice() {
  const made = await rotatingSite();
  await made.site.enrol('edge');
  await changeRegistry({ site: made.site, maker: made.makerBy(1) });
  await eventually(() => bodyOf(made.site, accountOf('edge'))).toContain('by 1][facts of group');
  return made;
}

/** A maker that finds nobody to vouch for anything. */
function silence(maker: FakeMaker): void {
  maker.vouch = () => Promise.reject(new DewproofError('LEDGER_BEHIND', 'Too few witnesses answered.'));
}

describe('a newer anchor', () => {
  test('is gone by at once, and what was made by the former is served until then', async () => {
    const { site, makerBy, rotate, closed } = await rotatingDevice();
    const last = await bodyOf(site, accountOf('edge'));
    const vouch = makerBy(2).vouch.bind(makerBy(2));
    silence(makerBy(2));
    await rotate(2);
    await eventually(() => site.dew.status().bundles?.trouble?.code).toBe('LEDGER_BEHIND');
    expect(closed).toEqual([1]);
    expect(await bodyOf(site, accountOf('edge'))).toBe(last);
    expect(site.dew.status()).toMatchObject({ anchorVersion: 2, bundles: { groups: [{ isFormer: true }] } });
    makerBy(2).vouch = vouch;
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('by 2][facts of group');
    expect(site.dew.status().bundles).toMatchObject({ groups: [{ isFormer: false }], trouble: null });
    await eventually(() => bodyOf(site, accountOf('stranger'))).toContain('by 2]');
  });

  test('begins at whatever height those whom it trusts are: former ones may have wound it forward', async () => {
    const { site, makerBy, rotate } = await rotatingDevice();
    makerBy(2).vouch = (block) => {
      const older = { ...block, height: block.height - 1n };
      return Promise.resolve({ block: older, attestedAt: 10n, storageRoot: rootOf(7) });
    };
    await rotate(2);
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 10 by 2]');
  });

  test('of several that come at once is the last', async () => {
    const { site, rotate } = await rotatingDevice();
    await Promise.all([2, 3, 4, 5].map((version) => rotate(version).catch(() => undefined)));
    await rotate(6);
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('by 6]');
    expect(site.dew.status().anchorVersion).toBe(6);
  });

  test('whose sources can not be opened leaves those of the former, and is logged once', async () => {
    const { site, makerBy, rotate, failing, tried } = await rotatingDevice();
    failing.add(2);
    await rotate(2);
    await eventually(() => site.logged.join()).toContain('Nobody can be asked');
    makerBy(1).attestedAt = 5_000n;
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 5000 by 1]');
    // Its operator must hear by what it goes, not by what it should.
    expect(site.dew.status()).toMatchObject({ anchorVersion: 1, ledger: { trouble: { code: 'CONFIG' } } });
    expect(site.dew.status().ledger.trouble?.message).toContain('version 2');
    const lack = { version: 2, code: 'CONFIG', message: 'There is no such node.' };
    expect(site.dew.status().newerAnchor).toEqual(lack);
    // Anyone may ask whether the dew is ready: what its files lack is for its operator.
    expect(site.dew.status().ledger.trouble?.message).not.toContain('no such node');
    await eventually(() => tried.filter((version) => version === 2).length).toBeGreaterThan(1);
    expect(site.logged.filter((line) => line.includes('Nobody can be asked'))).toHaveLength(1);
    await rotate(3);
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('by 3]');
    expect(site.dew.status()).toMatchObject({ anchorVersion: 3, ledger: { trouble: null }, newerAnchor: null });
  });

  test('whose sources could not be opened is gone by as soon as they can, without a restart', async () => {
    const { site, rotate, failing } = await rotatingDevice();
    failing.add(2);
    await rotate(2);
    await eventually(() => site.dew.status().newerAnchor?.version).toBe(2);
    failing.delete(2);
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('by 2]');
    expect(site.dew.status()).toMatchObject({ anchorVersion: 2, ledger: { trouble: null }, newerAnchor: null });
  });

  test('is opened anew once its operator says where more of its witnesses answer', async () => {
    const { site, makerBy, rotate, failing, opened, supplied } = await rotatingDevice();
    await rotate(2);
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('by 2]');
    failing.add(2);
    supplied();
    // A file that is half written takes nothing away.
    await eventually(() => site.logged.join()).toContain('Nobody can be asked');
    makerBy(2).attestedAt = 7_000n;
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 7000 by 2]');
    expect(site.dew.status().ledger.trouble).toBeNull();
    failing.delete(2);
    await eventually(() => opened.filter((version) => version === 2).length).toBe(2);
    makerBy(2).attestedAt = 8_000n;
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 8000 by 2]');
  });

  test('is gone by also where the former’s sources do not close, or what they made can not be judged', async () => {
    const { site, makerBy, rotate, stuck, broken } = await rotatingDevice();
    stuck.add(1);
    broken.add(2);
    await rotate(2);
    await eventually(() => site.dew.status().anchorVersion).toBe(2);
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('by 2]');
    makerBy(2).attestedAt = 6_000n;
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 6000 by 2]');
  });

  test('is gone by although a node of the former hangs', async () => {
    const { site, rotate, hanging } = await rotatingDevice();
    hanging.add(2);
    await rotate(2);
    await eventually(() => site.dew.status().anchorVersion).toBe(2);
    await rotate(3);
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('by 3]');
    expect(site.logged.join()).not.toContain('was closed');
  });

  test('that was kept is gone by after a restart, and what only a former one opens is served until there is more', async () => {
    const made = await rotatingDevice();
    const last = await bodyOf(made.site, accountOf('edge'));
    silence(made.makerBy(2));
    await made.rotate(2);
    await made.site.close();
    const again = await rotatingSite(made.folder, made.chain);
    expect(again.site.dew.status()).toMatchObject({ anchorVersion: 2 });
    await eventually(() => bodyOf(again.site, accountOf('edge'))).toContain('by 2]');
    expect(last).toContain('by 1]');
  });
});

describe('what a disk holds', () => {
  test.each<[string, (second: SignedAnchor) => SignedAnchor, number]>([
    ['is served by a former anchor that roots of the home’s new file signed', (second) => second, 200],
    ['is not by one that they did not, which somebody wrote there', (second) => ({ ...second, signatures: [] }), 503],
  ])('%s', async (_, change, expected) => {
    const made = await rotatingDevice();
    await made.rotate(2);
    await eventually(() => bodyOf(made.site, accountOf('edge'))).toContain('by 2]');
    await made.site.close();
    const store = await openStore(join(made.folder, 'store'));
    const part = sublevelOf(store, 'anchors');
    const [[key, record] = ['', '']] = await part.iterator().all();
    const second = signedAnchorSchema.parse(JSON.parse(openRecord(record)));
    await part.put(key, sealRecord(JSON.stringify(change(second))));
    await store.close();
    const maker = createFakeMaker();
    silence(maker);
    const plan = { maker, verify: made.verify, refreshEveryMs: 0, keepSeconds: 1_000 };
    const { folder, chain } = made;
    const again = await openSite({ folder, chain, anchor: rootedAnchor({ version: 3 }), bundles: plan });
    await eventually(() => again.dew.status().bundles?.trouble?.code).toBe('LEDGER_BEHIND');
    expect((await ask(again, accountOf('edge'))).status).toBe(expected);
    expect(again.logged.join().includes('opens by no anchor')).toBe(expected === 503);
  });

  test('is served by none of whose anchors it opens, and is made anew', async () => {
    const { site, makerBy, folder, chain, verify } = await rotatingDevice();
    await site.close();
    const maker = createFakeMaker();
    silence(maker);
    const refusing = (): void => {
      throw new DewproofError('PROOF_INVALID', 'A node is wrong.');
    };
    const plan = { maker, refreshEveryMs: 0, keepSeconds: 1_000 };
    const options = { folder, chain, anchor: rootedAnchor() };
    const spoiled = await openSite({ ...options, bundles: { ...plan, verify: refusing } });
    await eventually(() => spoiled.dew.status().bundles?.trouble?.code).toBe('LEDGER_BEHIND');
    const refused = await ask(spoiled, accountOf('edge'));
    expect([refused.status, await codeOf(refused)]).toEqual([503, 'LEDGER_BEHIND']);
    expect(spoiled.logged.join()).toContain('opens by no anchor');
    await spoiled.close();
    const healed = await openSite({ ...options, bundles: { ...plan, maker: makerBy(1), verify } });
    await eventually(() => bodyOf(healed, accountOf('edge'))).toContain('by 1]');
  });
});

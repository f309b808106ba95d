import { createHash } from 'node:crypto';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DewproofError } from '../../core/errors.ts';
import { groupIdOf } from '../../core/ids.ts';
import { hintTopic } from '../../core/wire/hint.ts';
import { eventually } from '../platform/eventually.ts';
import { sendRaw } from '../platform/raw-http.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { GROUP, resource, TENANT } from './support/documents.ts';
import { createFakeMaker, rootOf, type FakeMaker } from './support/fake-maker.ts';
import { accountOf, openSite, type Site, type SiteOptions } from './support/site.ts';

const document = resource();
const strangers = (count: number) =>
  Array.from({ length: count }, (_, index) => `0x${index.toString().padStart(40, '0')}`);

/** A dew with a device in its group and one in none, over a fake maker. */
async function provingSite(options: SiteOptions & { maker?: FakeMaker; refreshEveryMs?: number } = {}) {
  const maker = options.maker ?? createFakeMaker();
  const plan = { maker, refreshEveryMs: options.refreshEveryMs ?? 0, keepSeconds: 1_000 };
  const site = await openSite({ ...options, bundles: plan });
  return { site, maker, plan };
}

async function withDevice(options: Parameters<typeof provingSite>[0] = {}) {
  const made = await provingSite(options);
  await made.site.enrol('edge');
  changeRegistry(made);
  await eventually(() => bodyOf(made.site, accountOf('edge'))).toContain('facts of group');
  return made;
}

/** A block in which something else of the tenant changed. */
function changeRegistry({ site, maker }: { site: Site; maker: FakeMaker }): void {
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
    changeRegistry({ site, maker });
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
    changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('1 active');
    await eventually(() => heard).toContain('{"about":"ledger"}');
    await site.submit('revoker', { type: 'revoke', resource: document.proposal.resource, version: 1n });
    await eventually(() => site.dew.status().ledger.height).toBe(site.chain.state().block?.height.toString());
    changeRegistry({ site, maker });
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

  test('of signatures alone waits its time, one of facts does not', async () => {
    const { site, maker } = await provingSite({ refreshEveryMs: 3_600_000 });
    await site.enrol('edge');
    changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 1000][facts of group');
    maker.attestedAt = 2_000n;
    site.chain.mine();
    await eventually(() => site.dew.status().ledger.height).toBe(site.chain.state().block?.height.toString());
    expect(await bodyOf(site, accountOf('edge'))).toContain('[head 1000]');
    changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('[head 2000]');
  });

  test('that can not be proved leaves the last bundle, and is logged once', async () => {
    const { site, maker } = await withDevice();
    const last = await bodyOf(site, accountOf('edge'));
    maker.failure = new DewproofError('PROOF_INVALID', 'The node lies.');
    changeRegistry({ site, maker });
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
    changeRegistry({ site, maker });
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

describe('a group whose bundle can not be made', () => {
  test('keeps no others from theirs', async () => {
    const maker = makerWithout(new Set([GROUP]));
    const { site } = await provingSite({ maker });
    await site.enrol('edge');
    changeRegistry({ site, maker });
    await eventually(() => site.dew.status().bundles?.trouble?.code).toBe('ENDLESS_DATA');
    await eventually(() => bodyOf(site, accountOf('stranger'))).toContain(`facts of ${accountOf('stranger')}`);
    const own = await ask(site, accountOf('edge'));
    expect([own.status, await codeOf(own)]).toEqual([503, 'LEDGER_BEHIND']);
  });

  test('does not hold on to a device that moved out of it', async () => {
    const fails = new Set<string>();
    const maker = makerWithout(fails);
    const { site } = await provingSite({ maker, config: { groups: [GROUP, 'other'] } });
    await site.enrol('edge', { group: 'other' });
    changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('facts of group');
    fails.add('other');
    const group = groupIdOf({ tenant: TENANT, name: GROUP });
    await site.submit('registrar', { type: 'set-device-group', account: accountOf('edge'), group });
    await site.activate(document);
    changeRegistry({ site, maker });
    await eventually(() => bodyOf(site, accountOf('edge'))).toContain('1 active');
  });
});

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
});

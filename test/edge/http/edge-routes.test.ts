import { describe, expect, test } from 'vitest';
import { accountSubject, ANY_RESOURCE, ANYONE, roleIdOf, type ResourceId, type SubjectId } from '../../../core/ids.ts';
import { NEVER, type Action } from '../../../core/policy.ts';
import { signerOf, walletOf } from '../../platform/wallets.ts';
import { ask } from '../support/calls.ts';
import { createSite, resourceOf, TENANT, type Site } from '../support/site.ts';
import { startTestDew } from '../support/test-dew.ts';
import { eventually, startTestEdge } from '../support/test-edge.ts';

const FRIEND = 11;
const STRANGER = 12;
const friend = accountSubject(walletOf(FRIEND).account);

async function grant(
  site: Site,
  of: { resource?: ResourceId; subject: SubjectId; actions?: readonly Action[]; expiresAt?: bigint },
): Promise<void> {
  const { resource = resourceOf('climate'), subject, actions = ['read'], expiresAt = NEVER } = of;
  await site.do({ type: 'set-grant', resource, subject, actions, offline: false, expiresAt });
}

async function setUp(clock?: () => number) {
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.publish('climate');
  await site.publish('light');
  dew.assign('climate', 'light');
  const edge = await startTestEdge(site, { dewUrls: [dew.url], ...(clock === undefined ? {} : { clock }) });
  await eventually(() => {
    expect(edge.status().resources.map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING']);
  });
  const urlOf = (name: string, view = 'now') => `${edge.url}/v1/resources/${TENANT}/${name}/views/${view}`;
  const read = (name: string, wallet?: number, view?: string) =>
    ask(urlOf(name, view), wallet === undefined ? undefined : signerOf(wallet));
  return { site, dew, edge, urlOf, read };
}

describe('who may read a view', () => {
  test('nobody, until a policy says so; then the one it names and no other', async () => {
    const { site, read } = await setUp();
    expect(await read('climate')).toMatchObject({
      status: 401,
      type: 'application/problem+json; charset=utf-8',
      body: { code: 'UNAUTHENTICATED' },
    });
    expect(await read('climate', FRIEND)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    await grant(site, { subject: friend });
    await eventually(async () => {
      expect(await read('climate', FRIEND)).toMatchObject({ status: 200, body: { view: 'now', reading: null } });
    });
    expect(await read('climate', STRANGER)).toMatchObject({ status: 403 });
    expect(await read('climate')).toMatchObject({ status: 401 });
    expect(await read('light', FRIEND)).toMatchObject({ status: 403 });
    await site.do({ type: 'revoke-grant', resource: resourceOf('climate'), subject: friend });
    await eventually(async () => {
      expect(await read('climate', FRIEND)).toMatchObject({ status: 403 });
    });
  });

  test('whoever has the role that a grant names, as long as the membership lasts', async () => {
    const { site, read } = await setUp();
    const role = roleIdOf({ tenant: TENANT, name: 'farmhand' });
    await grant(site, { subject: role, resource: ANY_RESOURCE });
    const { account } = walletOf(FRIEND);
    await site.do({ type: 'set-member', role, account, expiresAt: NEVER });
    await eventually(async () => {
      expect(await read('light', FRIEND)).toMatchObject({ status: 200 });
    });
    await site.do({ type: 'remove-member', role, account });
    await eventually(async () => {
      expect(await read('light', FRIEND)).toMatchObject({ status: 403 });
    });
  });

  test('whoever may read is told that a resource was revoked', async () => {
    const { site, read } = await setUp();
    await grant(site, { subject: friend });
    await site.do({ type: 'revoke', resource: resourceOf('climate'), version: 1n });
    await eventually(async () => {
      expect(await read('climate', FRIEND)).toMatchObject({ status: 410, body: { code: 'REVOKED' } });
    });
    expect(await read('climate', STRANGER)).toMatchObject({ status: 403 });
  });

  test('to write is not to read', async () => {
    const { site, read } = await setUp();
    await grant(site, { subject: friend, actions: ['write', 'invoke', 'manage'] });
    await grant(site, { subject: ANYONE, resource: resourceOf('light') });
    await eventually(async () => {
      expect(await read('light')).toMatchObject({ status: 200 });
    });
    expect(await read('climate', FRIEND)).toMatchObject({ status: 403 });
  });

  test('nobody by a grant that expired before the newest block, whatever a clock that was set back says', async () => {
    const { site, read } = await setUp(() => 0);
    const { time } = await site.chain.ledgerOf().head();
    await grant(site, { subject: friend, expiresAt: time + 10n });
    await eventually(async () => {
      expect(await read('climate', FRIEND)).toMatchObject({ status: 200 });
    });
    site.chain.advance(20);
    site.chain.mine();
    await eventually(async () => {
      expect(await read('climate', FRIEND)).toMatchObject({ status: 403 });
    });
  });

  test('nobody by a grant that expires with no chain in reach, whatever a clock that was set back says', async () => {
    const { site, read } = await setUp(() => 0);
    const { time } = await site.chain.ledgerOf().head();
    await grant(site, { subject: friend, expiresAt: time + 3n });
    await eventually(async () => {
      expect(await read('climate', FRIEND)).toMatchObject({ status: 200 });
    });
    site.chain.setReachable(false);
    await eventually(async () => {
      expect(await read('climate', FRIEND)).toMatchObject({ status: 403 });
    });
  });

  test('a stranger can not tell what runs here from what does not', async () => {
    const { read } = await setUp();
    for (const wallet of [undefined, STRANGER]) {
      const known = await read('climate', wallet);
      expect(await read('nothing', wallet)).toEqual(known);
      expect(await read('climate', wallet, 'no-such-view')).toEqual(known);
    }
  });

  test('whoever may read everything is told what is not there', async () => {
    const { site, read } = await setUp();
    await grant(site, { subject: friend, resource: ANY_RESOURCE });
    await eventually(async () => {
      expect(await read('climate', FRIEND)).toMatchObject({ status: 200 });
    });
    expect(await read('nothing', FRIEND)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await read('climate', FRIEND, 'no-such-view')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  test('lists only what the caller may read', async () => {
    const { site, edge } = await setUp();
    await grant(site, { subject: friend });
    await grant(site, { subject: ANYONE, resource: resourceOf('light') });
    const list = async (wallet?: number) =>
      (await ask(`${edge.url}/v1/resources`, wallet === undefined ? undefined : signerOf(wallet))).body['resources'];
    await eventually(async () => {
      expect(await list(FRIEND)).toMatchObject([{ name: 'climate', views: [{ id: 'now' }] }, { name: 'light' }]);
    });
    expect(await list()).toMatchObject([{ name: 'light', version: 1, state: 'RUNNING' }]);
    expect(await list(STRANGER)).toMatchObject([{ name: 'light' }]);
  });

  test('a signed call counts once, and only for the URL it was signed for', async () => {
    const { site, urlOf } = await setUp();
    await grant(site, { subject: friend });
    const url = urlOf('climate');
    const headers = await signerOf(FRIEND).sign({ method: 'GET', url, headers: {}, body: undefined });
    const replayed = { account: walletOf(FRIEND).account, sign: () => Promise.resolve(headers) };
    await eventually(async () => {
      expect(await ask(url, signerOf(FRIEND))).toMatchObject({ status: 200 });
    });
    expect(await ask(`${url}?limit=5`, replayed)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect(await ask(url, replayed)).toMatchObject({ status: 200 });
    expect(await ask(url, replayed)).toMatchObject({ status: 401, body: { code: 'REPLAY' } });
  });

  test('a suspended device serves nobody', async () => {
    const { site, read } = await setUp();
    await grant(site, { subject: ANYONE });
    await eventually(async () => {
      expect(await read('climate')).toMatchObject({ status: 200 });
    });
    await site.do({ type: 'set-device-status', account: site.account, status: 'suspended' });
    await eventually(async () => {
      expect(await read('climate')).toMatchObject({ status: 403, body: { code: 'SUSPENDED' } });
    });
  });

  test('to read is neither to invoke nor to write', async () => {
    const { site, edge } = await setUp();
    const actions = [{ id: 'lamp', virtual: true, payload: { format: 'json', type: 'boolean' } }];
    const inputs = [{ id: 'note', push: true, payload: { format: 'text' } }];
    const views = [
      { id: 'lamp', input: 'lamp', latest: true },
      { id: 'note', input: 'note', latest: true },
    ];
    await site.publish('climate', { version: 2, actions, inputs, views });
    await eventually(() => {
      expect(edge.status().resources.find(({ name }) => name === 'climate')).toMatchObject({ version: 2, next: null });
    });
    const base = `${edge.url}/v1/resources/${TENANT}/climate`;
    const act = (body: string, wallet = FRIEND) => ask(`${base}/actions/lamp`, signerOf(wallet), body);
    const push = (body: string) => ask(`${base}/inputs/note`, signerOf(FRIEND), body);
    const view = async (name: string) => (await ask(`${base}/views/${name}`, signerOf(FRIEND))).body['reading'];

    await grant(site, { subject: friend, actions: ['read'] });
    await eventually(async () => {
      expect(await view('lamp')).toBeNull();
    });
    expect(await act('{"value":true}')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(await push('hello')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });

    await grant(site, { subject: friend, actions: ['read', 'invoke'] });
    await eventually(async () => {
      expect(await act('{"value":true}')).toMatchObject({ status: 204 });
    });
    expect(await view('lamp')).toMatchObject({ value: true });
    expect(await push('hello')).toMatchObject({ status: 403 });
    expect(await act('{"value":true}', STRANGER)).toMatchObject({ status: 403 });
    for (const body of ['', '{}', '{"value":1}', '{"value":{}}', '{"value":true,"x":1}', 'true']) {
      expect(await act(body)).toMatchObject({ status: 400, body: { code: 'SCHEMA' } });
    }
    const other = await ask(`${base}/actions/none`, signerOf(FRIEND), '{"value":true}');
    expect(other).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });

    await grant(site, { subject: friend, actions: ['read', 'write'] });
    await eventually(async () => {
      expect(await push('hello')).toMatchObject({ status: 204 });
    });
    expect(await view('note')).toMatchObject({ value: 'hello' });
    expect(await act('{"value":true}')).toMatchObject({ status: 403 });
    expect(await push('x'.repeat(20_000))).toMatchObject({ status: 413, body: { code: 'ENDLESS_DATA' } });
  });

  test('everything but what is named here is refused', async () => {
    const { edge } = await setUp();
    for (const path of [
      '/',
      '/v1',
      '/v1/resources/',
      '/v1/resources/greenfields',
      '/V1/resources',
      '/metrics/',
      '/v1/resources/a/b/views/c/d',
    ]) {
      expect(await ask(edge.url + path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
    expect(await ask(`${edge.url}/v1/resources/greenfields/Climate/views/now`)).toMatchObject({
      status: 400,
      body: { code: 'SCHEMA' },
    });
    expect(await ask(`${edge.url}/healthz`)).toMatchObject({ status: 200 });
    expect(await ask(`${edge.url}/readyz`)).toMatchObject({ status: 200 });
  });

  test('before anything is believed nobody is let in', async () => {
    const site = await createSite();
    site.chain.setReachable(false);
    const edge = await startTestEdge(site, { dewUrls: [] });
    expect(await ask(`${edge.url}/healthz`)).toMatchObject({ status: 200 });
    for (const path of ['/readyz', '/v1/resources', `/v1/resources/${TENANT}/climate/views/now`]) {
      expect(await ask(edge.url + path)).toMatchObject({ status: 503, body: { code: 'LEDGER_UNAVAILABLE' } });
    }
  });
});

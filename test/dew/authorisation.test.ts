import type { Response } from 'express';
import { describe, expect, test } from 'vitest';
import { emptyLedgerState } from '../../core/ledger/state.ts';
import { NEVER } from '../../core/policy.ts';
import { ANYONE, accountSubject } from '../../core/ids.ts';
import { signerOf } from '../platform/wallets.ts';
import { callerOf } from '../../dew/http/parameters.ts';
import { isReviewer, verifyReader, verifyUploader } from '../../dew/verify-caller.ts';
import { profile, resource } from './support/documents.ts';
import { accountOf, openSite, type Caller, type Site } from './support/site.ts';
import { eventually } from '../platform/eventually.ts';

const superseded = resource({ version: 1 });
const active = resource({ version: 2 });
const proposed = resource({ version: 3 });
const revoked = resource({ name: 'revoked' });
const ownProfile = profile({ name: 'own' });
const otherProfile = profile({ name: 'other' });

/** A dew with one of everything. */
async function fullSite(): Promise<Site> {
  const site = await openSite();
  await site.enrol('edge', { profile: ownProfile.digest });
  await site.enrol('secondEdge', { profile: otherProfile.digest });
  for (const one of [ownProfile, otherProfile]) expect((await site.upload(one)).code).toBe('ok');
  await site.activate(superseded);
  await site.activate(active);
  await site.activate(revoked);
  await site.submit('revoker', { type: 'revoke', resource: revoked.proposal.resource, version: 1n });
  await site.submit('publisher', { type: 'propose', proposals: [proposed.proposal] });
  expect((await site.upload(proposed)).code).toBe('ok');
  return site;
}

const U = 'UNAUTHENTICATED';
const F = 'FORBIDDEN';
const N = 'NOT_ENROLLED';
const callers: (Caller | undefined)[] = [
  undefined,
  'stranger',
  'edge',
  'publisher',
  'approver',
  'registrar',
  'policyAdmin',
];
const unknown = `sha256:${'0'.repeat(64)}`;
const edge = accountOf('edge');

// What each caller is answered, in the order of `callers`.
const table: [what: string, request: string, body: Uint8Array | undefined, expected: readonly string[]][] = [
  ['the active document', `GET /v1/documents/${active.digest}`, undefined, [U, N, 'ok', 'ok', 'ok', 'ok', N]],
  ['a proposed document', `GET /v1/documents/${proposed.digest}`, undefined, [U, N, F, 'ok', 'ok', N, N]],
  ['a superseded document', `GET /v1/documents/${superseded.digest}`, undefined, [U, N, F, 'ok', 'ok', 'ok', N]],
  ['a revoked document', `GET /v1/documents/${revoked.digest}`, undefined, [U, N, F, 'ok', 'ok', 'ok', N]],
  ["the edge's profile", `GET /v1/documents/${ownProfile.digest}`, undefined, [U, N, 'ok', 'ok', 'ok', 'ok', N]],
  // Edges of one group find each other by their profiles.
  ["a peer's profile", `GET /v1/documents/${otherProfile.digest}`, undefined, [U, N, 'ok', 'ok', 'ok', 'ok', N]],
  [
    'an unknown document',
    `GET /v1/documents/${unknown}`,
    undefined,
    [U, N, F, 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', N],
  ],
  [
    'an unknown artifact',
    `GET /v1/artifacts/${unknown}`,
    undefined,
    [U, N, F, 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', N],
  ],
  ['an upload', `PUT /v1/documents/${active.digest}`, active.bytes, [U, F, F, 'ok', 'ok', 'ok', F]],
  ["the edge's assignments", `GET /v1/assignments/${edge}`, undefined, [U, N, 'ok', N, N, N, N]],
  ["another's assignments", `GET /v1/assignments/${accountOf('secondEdge')}`, undefined, [U, N, F, N, N, N, N]],
  ['the resources', 'GET /v1/resources', undefined, [U, F, F, 'ok', 'ok', 'ok', F]],
  ['a resource', 'GET /v1/resources/greenfields/climate', undefined, [U, F, F, 'ok', 'ok', 'ok', F]],
  ['its health', 'GET /healthz', undefined, ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok']],
  ['its readiness', 'GET /readyz', undefined, ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok']],
  ['an unknown path', 'GET /v1/other', undefined, Array.from({ length: 7 }, () => 'NOT_FOUND')],
  ['a method that is not there', 'PUT /v1/resources', undefined, Array.from({ length: 7 }, () => 'NOT_FOUND')],
];

describe('a dew answers', () => {
  test('each caller what the ledger lets it have, and nothing else', async () => {
    const site = await fullSite();
    for (const [what, request, body, expected] of table) {
      const answers: string[] = [];
      for (const caller of callers) answers.push((await site.call(caller, request, body && { body })).code);
      expect({ what, answers }).toEqual({ what, answers: expected });
    }
  });

  test('a device that is suspended or of another group nothing', async () => {
    const site = await openSite();
    await site.enrol('edge');
    await site.enrol('secondEdge', { group: 'field' });
    await site.activate(active);
    await site.submit('registrar', { type: 'set-device-status', account: edge, status: 'suspended' });
    await expect
      .poll(async () => (await site.call('edge', `GET /v1/documents/${active.digest}`)).code)
      .toBe('SUSPENDED');
    expect((await site.call('edge', `GET /v1/assignments/${edge}`)).code).toBe('SUSPENDED');
    expect((await site.call('secondEdge', `GET /v1/documents/${active.digest}`)).code).toBe('FORBIDDEN');
    const other = `GET /v1/assignments/${accountOf('secondEdge')}`;
    expect((await site.call('secondEdge', other)).code).toBe('WRONG_GROUP');
  });

  test('whom a policy lets read a resource its active version, and no other', async () => {
    const site = await fullSite();
    await site.submit('policyAdmin', {
      type: 'set-grant',
      resource: active.proposal.resource,
      subject: accountSubject(accountOf('stranger')),
      actions: ['read'],
      offline: false,
      expiresAt: NEVER,
    });
    const list = async (path: string) => {
      const { code, body } = await site.call('stranger', `GET ${path}`);
      if (code !== 'ok') return code;
      const { resources } = JSON.parse(Buffer.from(body).toString()) as {
        resources: { name: string; version: string }[];
      };
      return resources.map(({ name, version }) => `${name}/${version}`);
    };
    await eventually(() => list('/v1/resources')).toEqual(['climate/2']);
    expect(await list('/v1/resources/greenfields/climate')).toEqual(['climate/2']);
    expect(await list('/v1/resources/greenfields/revoked')).toBe('FORBIDDEN');
    expect((await site.call(undefined, 'GET /v1/resources')).code).toBe('UNAUTHENTICATED');
    await site.submit('policyAdmin', {
      type: 'set-grant',
      resource: active.proposal.resource,
      subject: ANYONE,
      actions: ['read'],
      offline: false,
      expiresAt: NEVER,
    });
    await eventually(async () => (await site.call(undefined, 'GET /v1/resources')).code).toBe('ok');
  });

  test('a call once', async () => {
    const site = await openSite();
    const url = `${site.dew.url}/v1/resources`;
    const headers = await signerOf(1).sign({ method: 'GET', url, headers: {}, body: undefined });
    expect((await site.call(undefined, 'GET /v1/resources', { headers })).code).toBe('ok');
    expect((await site.call(undefined, 'GET /v1/resources', { headers })).code).toBe('REPLAY');
    const again = await site.restart({ config: { port: Number(new URL(site.dew.url).port) } });
    expect((await again.call(undefined, 'GET /v1/resources', { headers })).code).toBe('REPLAY');
  });
});

describe('without a role', () => {
  const proposer = accountOf('stranger');
  const question = (since: bigint) => ({
    account: proposer,
    now: 1000n,
    state: { ...emptyLedgerState, governance: new Map([['publisher', new Map([[proposer, since]])]] as const) },
  });
  const holdings = new Map([
    [proposed.digest, { heads: [], devices: [], proposals: [{ ...proposed.proposal, proposer, approvers: [] }] }],
    [active.digest, { heads: [{ ...active.proposal, status: 'active' as const }], devices: [], proposals: [] }],
  ]);

  test('a proposer still has, and may upload, what it proposed, and nothing else', () => {
    const own = { digest: proposed.digest, holdings };
    const other = { digest: active.digest, holdings };
    verifyReader(question(1001n), own);
    verifyUploader(question(1001n), own);
    expect(() => {
      verifyReader(question(1001n), other);
    }).toThrow(expect.objectContaining({ code: 'NOT_ENROLLED' }));
    expect(() => {
      verifyUploader(question(1001n), other);
    }).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });

  test('a role counts from the second on that the ledger says', () => {
    expect(isReviewer(question(1001n))).toBe(false);
    expect(isReviewer(question(1000n))).toBe(true);
  });

  test('a role counts, and a grant expires, by the newest block where the clock was lost', () => {
    const block = { height: 1n, hash: `0x${'1'.repeat(64)}`, time: 1000n } as const;
    const known = { identity: { chain: 'test', genesis: block.hash, registry: 'test' }, state: emptyLedgerState };
    const offer = { known: { ...known, state: { ...known.state, block } }, holdings, plans: new Map() };
    const response = { locals: { call: { account: proposer, body: new Uint8Array() } } } as unknown as Response;
    expect(callerOf(response, { offer, clock: () => 0 }).now).toBe(1000n);
    expect(callerOf(response, { offer, clock: () => 2_000_000 }).now).toBe(2000n);
  });
});

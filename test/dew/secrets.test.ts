import { connectAsync } from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isSignedBy } from '../../cli/is-signed-by.ts';
import { accountSubject, groupIdOf, resourceIdOf } from '../../core/ids.ts';
import { commitmentOf } from '../../core/secrets/secret-content.ts';
import { statementOf } from '../../core/secrets/secret-record.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { hintTopic, parseHint } from '../../core/wire/hint.ts';
import {
  deviceSecretsSchema,
  MAX_LISTED_SECRETS,
  MAX_OFFERED,
  secretCopySchema,
  secretListSchema,
} from '../../core/wire/secrets.ts';
import type { SecretStore } from '../../dew/secrets/secret-store.ts';
import { MAX_SECRETS_OF_RESOURCE, verifySecretUpload } from '../../dew/secrets/verify-secret-upload.ts';
import { sealCopy } from '../../platform/secrets/seal-copy.ts';
import { signSecretRecord } from '../../platform/secrets/sign-record.ts';
import { codeOf } from '../core/support/code-of.ts';
import { vaultOf, walletOf } from '../platform/wallets.ts';
import { GROUP, resource, TENANT } from './support/documents.ts';
import { accountOf, cast, openSite, type Answer, type Caller, type Site } from './support/site.ts';

const PATH = `/v1/secrets/${TENANT}/climate/api-key`;
const climate = resourceIdOf({ tenant: TENANT, name: 'climate' });
const salt = Buffer.alloc(32, 9);
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const bodyOf = ({ body }: Answer): unknown => JSON.parse(Buffer.from(body).toString());

/** A site that runs `climate` on two edges, where the stranger's grant of manage makes it the manager. */
async function openSecretSite(): Promise<Site> {
  const site = await openSite();
  await site.enrol('edge');
  await site.enrol('secondEdge');
  await site.activate(resource());
  await grant(site);
  return site;
}

async function grant(site: Site): Promise<void> {
  const subject = accountSubject(accountOf('stranger'));
  const given = { resource: climate, subject, actions: ['manage'], offline: false, expiresAt: 2n ** 64n - 1n } as const;
  await site.submit('policyAdmin', { type: 'set-grant', ...given });
}

interface UploadOptions {
  readonly version?: number;
  /** Null withdraws. */
  readonly value?: string | null;
  readonly to?: readonly Caller[];
  readonly by?: Caller;
  readonly name?: string;
}

async function uploadOf(
  site: Site,
  { version = 1, value = 'opensesame', to = [], by = 'stranger', name = 'api-key' }: UploadOptions = {},
) {
  const { chain, genesis, registry } = site.chain.anchor();
  const commitment = value === null ? null : commitmentOf({ salt, value });
  const ledger = { chain, genesis, registry };
  const names = { tenant: TENANT, resource: 'climate', name };
  const record = await signSecretRecord({ ledger, ...names, version, commitment }, walletOf(cast[by]));
  const copies = to.map((caller) =>
    sealCopy(
      { statement: statementOf(record), content: { salt, value: value ?? '' } },
      { recipient: accountOf(caller), publicKey: vaultOf(cast[caller]).publicKey },
    ),
  );
  return { record, copies };
}

async function put(site: Site, caller: Caller | undefined, upload: unknown, path = PATH): Promise<string> {
  return (await site.call(caller, `PUT ${path}`, { body: json(upload) })).code;
}

async function tellKeys(site: Site, ...callers: readonly Caller[]): Promise<void> {
  for (const caller of callers) {
    const body = json({ publicKey: vaultOf(cast[caller]).publicKey });
    const { code } = await site.call(caller, `PUT /v1/devices/${accountOf(caller)}/key`, { body });
    if (code !== 'ok') throw new Error(code);
  }
}

async function workOf(site: Site, caller: Caller) {
  return deviceSecretsSchema.parse(bodyOf(await site.call(caller, `GET /v1/devices/${accountOf(caller)}/secrets`)));
}

describe('a device key', () => {
  test('is told by its device alone, and held against its account', async () => {
    const site = await openSecretSite();
    const path = `/v1/devices/${accountOf('edge')}/key`;
    const own = json({ publicKey: vaultOf(cast.edge).publicKey });
    expect((await site.call('secondEdge', `PUT ${path}`, { body: own })).code).toBe('FORBIDDEN');
    expect((await site.call('stranger', `PUT ${path}`, { body: own })).code).toBe('NOT_ENROLLED');
    expect((await site.call(undefined, `PUT ${path}`, { body: own })).code).toBe('UNAUTHENTICATED');
    const swapped = json({ publicKey: vaultOf(cast.secondEdge).publicKey });
    expect((await site.call('edge', `PUT ${path}`, { body: swapped })).code).toBe('WRONG_DEVICE');
    for (const bad of [{}, { publicKey: '0x02' }, { publicKey: `0x02${'ff'.repeat(32)}` }]) {
      expect((await site.call('edge', `PUT ${path}`, { body: json(bad) })).code).toBe('SCHEMA');
    }
    expect((await workOf(site, 'edge')).isKeyKnown).toBe(false);
    await tellKeys(site, 'edge');
    expect((await workOf(site, 'edge')).isKeyKnown).toBe(true);
    const again = await site.restart();
    expect((await workOf(again, 'edge')).isKeyKnown).toBe(true);
  });

  test('is shown to reviewers, managers and devices of the group', async () => {
    const site = await openSecretSite();
    await tellKeys(site, 'edge');
    const ask = async (caller: Caller | undefined) =>
      (await site.call(caller, `GET /v1/devices/${accountOf('edge')}/key`)).code;
    expect(await Promise.all((['publisher', 'stranger', 'secondEdge', 'edge'] as const).map(ask))).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
    ]);
    expect(await ask('admin')).toBe('NOT_ENROLLED');
    expect(await ask(undefined)).toBe('UNAUTHENTICATED');
    const other = await site.call('publisher', `GET /v1/devices/${accountOf('secondEdge')}/key`);
    expect(other.code).toBe('NOT_FOUND');
  });
});

describe('a secret', () => {
  test('is taken from those who may manage the resource, and from nobody else', async () => {
    const site = await openSecretSite();
    const upload = await uploadOf(site, { to: ['edge'] });
    for (const caller of ['publisher', 'admin', 'approver'] as const) {
      expect(await put(site, caller, upload), caller).toBe('FORBIDDEN');
    }
    expect(await put(site, undefined, upload)).toBe('UNAUTHENTICATED');
    expect(await put(site, 'stranger', await uploadOf(site, { by: 'publisher' }))).toBe('FORBIDDEN');
    expect(await put(site, 'stranger', upload)).toBe('ok');
    const subject = accountSubject(accountOf('stranger'));
    await site.submit('policyAdmin', { type: 'revoke-grant', resource: climate, subject });
    await expect.poll(async () => put(site, 'stranger', await uploadOf(site, { version: 2 }))).toBe('FORBIDDEN');
  });

  test.each<readonly [string, string, (upload: Awaited<ReturnType<typeof uploadOf>>) => unknown]>([
    ['an altered record', 'UNAUTHENTICATED', ({ record, copies }) => ({ record: { ...record, version: 2 }, copies })],
    ['a value in the open', 'SCHEMA', (upload) => ({ ...upload, value: 'opensesame' })],
    [
      'an envelope in another form',
      'SCHEMA',
      ({ record }) => ({ record, copies: [{ recipient: accountOf('edge'), envelope: 'AB==' }] }),
    ],
    [
      'too many copies',
      'SCHEMA',
      ({ record, copies }) => ({ record, copies: Array.from({ length: 65 }, () => copies[0]) }),
    ],
    ['no record', 'SCHEMA', () => ({})],
  ])('is refused with %s', async (_, code, alter) => {
    const site = await openSecretSite();
    expect(await put(site, 'stranger', alter(await uploadOf(site, { to: ['edge'] })))).toBe(code);
  });

  test('is refused under another name, of another ledger, and of what the ledger does not hold', async () => {
    const site = await openSecretSite();
    const upload = await uploadOf(site);
    expect(await put(site, 'stranger', upload, PATH.replace('api-key', 'other'))).toBe('WRONG_RESOURCE');
    const elsewhere = {
      ...site,
      chain: { ...site.chain, anchor: () => ({ ...site.chain.anchor(), chain: 'memory:x' }) },
    };
    expect(await put(site, 'stranger', await uploadOf(elsewhere))).toBe('WRONG_CHAIN');
    expect(await put(site, 'stranger', upload, `/v1/secrets/${TENANT}/vents/api-key`)).toBe('FORBIDDEN');
    expect((await site.call('stranger', `PUT ${PATH}`, { body: Buffer.alloc(2_200_000) })).code).toBe('ENDLESS_DATA');
  });

  test('only rises', async () => {
    const site = await openSecretSite();
    expect(await put(site, 'stranger', await uploadOf(site, { version: 5, to: ['edge'] }))).toBe('ok');
    expect(await put(site, 'stranger', await uploadOf(site, { version: 5, to: ['edge'] }))).toBe('ok');
    expect(await put(site, 'stranger', await uploadOf(site, { version: 5, value: 'other' }))).toBe('VERSION_NOT_NEWER');
    expect(await put(site, 'stranger', await uploadOf(site, { version: 4 }))).toBe('VERSION_NOT_NEWER');
    expect(await put(site, 'stranger', await uploadOf(site, { version: 1006 }))).toBe('FAST_FORWARD');
    const again = await site.restart();
    expect(await put(again, 'stranger', await uploadOf(again, { version: 4 }))).toBe('VERSION_NOT_NEWER');
    expect(await put(again, 'stranger', await uploadOf(again, { version: 6 }))).toBe('ok');
    // A new version has nobody's old copy.
    expect((await again.call('edge', `GET ${PATH}`)).code).toBe('NOT_FOUND');
  });

  test('is handed to each device of the group as its own copy alone', async () => {
    const site = await openSecretSite();
    const upload = await uploadOf(site, { to: ['edge', 'secondEdge'] });
    await put(site, 'stranger', upload);
    for (const [index, caller] of (['edge', 'secondEdge'] as const).entries()) {
      const copy = secretCopySchema.parse(bodyOf(await site.call(caller, `GET ${PATH}`)));
      expect(copy).toEqual({ record: upload.record, envelope: upload.copies[index]?.envelope });
    }
    await site.submit('registrar', { type: 'set-device-status', account: accountOf('edge'), status: 'suspended' });
    await expect.poll(async () => (await site.call('edge', `GET ${PATH}`)).code).toBe('SUSPENDED');
    await site.submit('registrar', {
      type: 'set-device-group',
      account: accountOf('secondEdge'),
      group: resourceIdOf({ tenant: TENANT, name: 'elsewhere' }),
    });
    await expect.poll(async () => (await site.call('secondEdge', `GET ${PATH}`)).code).toBe('NOT_FOUND');
  });

  test('shows reviewers and managers names, versions and whom it is sealed for, and no copy', async () => {
    const site = await openSecretSite();
    await tellKeys(site, 'edge');
    const upload = await uploadOf(site, { to: ['edge'] });
    await put(site, 'stranger', upload);
    for (const caller of ['publisher', 'stranger'] as const) {
      const answer = await site.call(caller, 'GET /v1/secrets');
      const described = {
        sealed: [accountOf('edge')],
        lacking: [accountOf('secondEdge')],
        keyless: [accountOf('secondEdge')],
      };
      expect(secretListSchema.parse(bodyOf(answer)).secrets).toEqual([{ record: upload.record, ...described }]);
      const one = await site.call(caller, `GET ${PATH}`);
      for (const { body } of [answer, one]) {
        expect(Buffer.from(body).toString()).not.toContain(upload.copies[0]?.envelope);
      }
    }
    expect((await site.call('edge', 'GET /v1/secrets')).code).toBe('FORBIDDEN');
    expect((await site.call('admin', 'GET /v1/secrets')).code).toBe('FORBIDDEN');
    expect((await site.call(undefined, 'GET /v1/secrets')).code).toBe('UNAUTHENTICATED');
  });

  test('that is withdrawn leaves no copy behind, and its version', async () => {
    const site = await openSecretSite();
    await put(site, 'stranger', await uploadOf(site, { to: ['edge'] }));
    const withdrawn = await uploadOf(site, { version: 2, value: null });
    expect(await put(site, 'stranger', withdrawn)).toBe('ok');
    expect(bodyOf(await site.call('edge', `GET ${PATH}`))).toEqual({ record: withdrawn.record, envelope: null });
    expect(await put(site, 'stranger', await uploadOf(site, { version: 1, to: ['edge'] }))).toBe('VERSION_NOT_NEWER');
    const again = await site.restart();
    expect(bodyOf(await again.call('edge', `GET ${PATH}`))).toEqual({ record: withdrawn.record, envelope: null });
  });

  test('may be set before the version that needs it is approved', async () => {
    const site = await openSite();
    await site.enrol('edge');
    await grant(site);
    const proposed = resource();
    expect(await put(site, 'stranger', await uploadOf(site, { to: ['edge'] }))).toBe('NOT_APPROVED');
    await site.submit('publisher', { type: 'propose', proposals: [proposed.proposal] });
    expect(await put(site, 'stranger', await uploadOf(site, { to: ['edge'] }))).toBe('ok');
    // Until then it is nobody's.
    expect((await site.call('edge', `GET ${PATH}`)).code).toBe('NOT_FOUND');
    expect((await workOf(site, 'edge')).offered).toEqual([]);
  });

  test('keeps no copy for whom the ledger does not let have it', async () => {
    const site = await openSecretSite();
    const upload = await uploadOf(site, { to: ['edge', 'stranger'] });
    const answer = await site.call('stranger', `PUT ${PATH}`, { body: json(upload) });
    expect(bodyOf(answer)).toEqual({ kept: [accountOf('edge')] });
  });

  test('keeps no copy for a device of another group, though the dew serves that too', async () => {
    const site = await openSite({ config: { groups: [GROUP, 'field'] } });
    await site.enrol('edge');
    await site.enrol('secondEdge', { group: 'field' });
    await site.activate(resource());
    await grant(site);
    const upload = await uploadOf(site, { to: ['edge', 'secondEdge'] });
    await expect.poll(() => put(site, 'stranger', upload)).toBe('ok');
    const answer = await site.call('stranger', `PUT ${PATH}`, { body: json(upload) });
    expect(bodyOf(answer)).toEqual({ kept: [accountOf('edge')] });
  });

  test('has an end to its number', async () => {
    const site = await openSecretSite();
    const upload = await uploadOf(site);
    const others = (length: number, { of, group }: { of: string; group: string }) => {
      const id = resourceIdOf({ tenant: TENANT, name: of });
      heads.set(id, { resource: id, group: groupIdOf({ tenant: TENANT, name: group }) });
      return Array.from({ length }, () => ({
        resource: id,
        record: { ...upload.record, resource: of, name: 'other' },
      }));
    };
    const heads = new Map<string, object>(site.chain.state().heads);
    const state = { ...site.chain.state(), heads } as unknown as LedgerState;
    const { chain, genesis, registry } = site.chain.anchor();
    const judge = (kept: readonly object[]) =>
      codeOf(() =>
        verifySecretUpload(
          {
            upload,
            asked: upload.record,
            caller: { account: accountOf('stranger'), state, now: 1n },
            known: { state, identity: { chain, genesis, registry } },
            groups: new Set([groupIdOf({ tenant: TENANT, name: GROUP })]),
            store: { get: () => undefined, list: () => kept } as unknown as SecretStore,
          },
          { isSignedBy },
        ),
      );
    const ofResource = others(MAX_SECRETS_OF_RESOURCE, { of: 'climate', group: GROUP });
    expect(judge(ofResource.slice(1))).toBeUndefined();
    expect(judge(ofResource)).toBe('CONFLICT');
    const ofGroup = others(MAX_OFFERED, { of: 'light', group: GROUP });
    expect(judge(ofGroup.slice(1))).toBeUndefined();
    expect(judge(ofGroup)).toBe('CONFLICT');
    const ofDew = others(MAX_LISTED_SECRETS, { of: 'elsewhere', group: 'barn-9' });
    expect(judge(ofDew.slice(1))).toBeUndefined();
    expect(judge(ofDew)).toBe('CONFLICT');
  });
});

describe('sealing on', () => {
  test('is asked of a device that has a copy, for those of its group that lack one and told their key', async () => {
    const site = await openSecretSite();
    await put(site, 'stranger', await uploadOf(site, { to: ['edge'] }));
    const version = { tenant: TENANT, resource: 'climate', name: 'api-key', version: 1 };
    expect(await workOf(site, 'edge')).toMatchObject({ offered: [version], wanted: [] });
    await tellKeys(site, 'secondEdge');
    expect(await workOf(site, 'edge')).toMatchObject({ wanted: [{ ...version, recipient: accountOf('secondEdge') }] });
    expect(await workOf(site, 'secondEdge')).toMatchObject({ offered: [], wanted: [] });

    const more = await uploadOf(site, { to: ['secondEdge'] });
    expect(await put(site, 'edge', more)).toBe('ok');
    expect(await workOf(site, 'edge')).toMatchObject({ wanted: [] });
    expect(await workOf(site, 'secondEdge')).toMatchObject({ offered: [version], wanted: [] });
    expect((await site.call('stranger', `GET /v1/devices/${accountOf('edge')}/secrets`)).code).toBe('NOT_ENROLLED');
    expect((await site.call('secondEdge', `GET /v1/devices/${accountOf('edge')}/secrets`)).code).toBe('FORBIDDEN');
  });

  test("replaces no copy that is there, brings no record of the device's own, and is not asked of who did it badly", async () => {
    const site = await openSecretSite();
    await tellKeys(site, 'edge', 'secondEdge');
    const first = await uploadOf(site, { to: ['edge', 'secondEdge'] });
    await put(site, 'stranger', first);
    const forged = { record: first.record, copies: [{ recipient: accountOf('edge'), envelope: 'AAAA' }] };
    expect(bodyOf(await site.call('secondEdge', `PUT ${PATH}`, { body: json(forged) }))).toEqual({ kept: [] });
    expect(await put(site, 'secondEdge', await uploadOf(site, { version: 2, by: 'secondEdge' }))).toBe('FORBIDDEN');

    // The manager's own new version, of which only the second has a copy; it seals the first one's badly.
    const next = await uploadOf(site, { version: 2, to: ['secondEdge'] });
    await put(site, 'stranger', next);
    const bad = { record: next.record, copies: [{ recipient: accountOf('edge'), envelope: 'AAAA' }] };
    expect(bodyOf(await site.call('secondEdge', `PUT ${PATH}`, { body: json(bad) }))).toEqual({
      kept: [accountOf('edge')],
    });
    expect((await site.call('edge', `DELETE ${PATH}/copy`)).code).toBe('ok');
    expect((await site.call('edge', `DELETE ${PATH}/copy`)).code).toBe('NOT_FOUND');
    expect((await workOf(site, 'secondEdge')).wanted).toEqual([]);
    expect(bodyOf(await site.call('secondEdge', `PUT ${PATH}`, { body: json(bad) }))).toEqual({ kept: [] });
    // Whoever may manage it puts it right.
    expect(await put(site, 'stranger', await uploadOf(site, { version: 2, to: ['edge'] }))).toBe('ok');
    expect((await workOf(site, 'edge')).offered).toHaveLength(1);
  });

  test('sends nobody looking for what is here already', async () => {
    const site = await openSecretSite();
    const upload = await uploadOf(site, { to: ['edge'] });
    await put(site, 'stranger', upload);
    const listener = await connectAsync(site.dew.mqttUrl, { reconnectPeriod: 0 });
    onTestFinished(() => listener.endAsync());
    const heard: string[] = [];
    listener.on('message', (_topic, payload) => heard.push(parseHint(payload).about));
    await listener.subscribeAsync(hintTopic(groupIdOf({ tenant: TENANT, name: GROUP })));
    for (let time = 0; time < 3; time += 1) expect(await put(site, 'edge', { ...upload, copies: [] })).toBe('ok');
    expect(await put(site, 'edge', await uploadOf(site, { to: ['secondEdge'] }))).toBe('ok');
    // Hints come in the order in which they were sent: those of the three would be here by now.
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    expect(heard).toEqual(['assignments']);
  });

  test('a device brings back what the dew lost, as its manager signed it', async () => {
    const site = await openSecretSite();
    const lost = await uploadOf(site, { version: 3, to: ['edge'] });
    expect(await put(site, 'edge', lost)).toBe('ok');
    expect(await put(site, 'edge', await uploadOf(site, { version: 2, to: ['edge'] }))).toBe('VERSION_NOT_NEWER');
  });
});

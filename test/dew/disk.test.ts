import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestOf, type Digest } from '../../core/digest.ts';
import { parseDocument } from '../../core/document/parse-document.ts';
import { emptyLedgerState } from '../../core/ledger/state.ts';
import { openCatalog } from '../../dew/documents/catalog.ts';
import { openContentStore } from '../../dew/documents/content-store.ts';
import { planDropped } from '../../dew/documents/plan-dropped.ts';
import { createProvisioning } from '../../dew/provisioning.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { createLog } from '../../platform/log.ts';
import { openStore, type Store } from '../../platform/store/open-store.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { NO_TINY_DISK, tinyDisk } from '../platform/tiny-disk.ts';
import { resource } from './support/documents.ts';
import { accountOf, openSite } from './support/site.ts';
import { eventually } from '../platform/eventually.ts';

/** Writes past the dew: what a decaying disk or an intruder does. */
async function overwrite(store: Store, { digest, bytes }: { digest: Digest; bytes: Uint8Array }): Promise<void> {
  const part = store.sublevel<string, Uint8Array>('documents', { keyEncoding: 'utf8', valueEncoding: 'view' });
  await part.put(digest, bytes);
}

describe('changed bytes on the disk', () => {
  test('are never handed out; the log says so, and an upload heals them', async () => {
    const site = await openSite();
    await site.enrol('edge');
    const document = resource();
    await site.activate(document);
    await eventually(() => site.namesFor('edge')).toEqual(['climate']);
    await site.close();
    const store = await openStore(join(site.folder, 'store'));
    await overwrite(store, { digest: document.digest, bytes: resource({ version: 9 }).bytes });
    await store.close();

    const again = await site.restart();
    const get = `GET /v1/documents/${document.digest}`;
    expect((await again.call('edge', get)).code).toBe('NOT_FOUND');
    expect(again.logged.join('')).toContain('DIGEST_MISMATCH');
    expect(again.dew.status().missing).toEqual([document.digest]);
    expect((await again.assignments('edge')).undecided).toEqual([document.proposal.resource]);
    await again.upload(document);
    expect((await again.call('edge', get)).code).toBe('ok');
    expect(await again.namesFor('edge')).toEqual(['climate']);
  });

  test('count as lost while the dew runs, and what they decided stays', async () => {
    const lines: string[] = [];
    const log = createLog({ name: 'test', level: 'info' }, { write: (line) => lines.push(line) });
    const store = await openStore(join(temporaryFolder(), 'store'));
    onTestFinished(() => store.close());
    const documents = openContentStore(store, { name: 'documents', log });
    const document = resource();
    await documents.put(document.digest, document.bytes);
    const catalog = await openCatalog(documents, log);
    const { group } = document.proposal;
    const placements = { loaded: new Map(), save: () => Promise.resolve() };
    const hint = () => undefined;
    const artifacts = openContentStore(store, { name: 'artifacts', log });
    const content = { documents, artifacts, catalog, placements, hint };
    const provisioning = createProvisioning({
      tenant: 'greenfields',
      groups: new Set([group]),
      keepVersions: 5,
      ...content,
    });
    const account = accountOf('edge');
    const device = { account, kind: 'edge', group, status: 'active', profile: undefined } as const;
    const head = { ...document.proposal, status: 'active' } as const;
    const state = {
      ...emptyLedgerState,
      devices: new Map([[account, device]]),
      heads: new Map([[head.resource, head]]),
    };
    await provisioning.takeState({ identity: { chain: 'c', genesis: '0x00', registry: 'r' }, state });
    expect(provisioning.assignmentsOf(account).assignments).toHaveLength(1);

    await overwrite(store, { digest: document.digest, bytes: new Uint8Array([1]) });
    expect(await documents.get(document.digest)).toBeUndefined();
    expect(lines.join('')).toContain('DIGEST_MISMATCH');
    await provisioning.loseDocument(document.digest);
    expect(provisioning.assignmentsOf(account)).toMatchObject({ assignments: [], undecided: [head.resource] });
    await provisioning.takeDocument(document.digest, document.bytes);
    expect(provisioning.assignmentsOf(account).assignments).toHaveLength(1);
  });

  test('stores refuse bytes under a digest that is not theirs', async () => {
    const store = await openStore(join(temporaryFolder(), 'store'));
    onTestFinished(() => store.close());
    const log = createLog({ name: 'test', level: 'silent' }, { write: () => undefined });
    const documents = openContentStore(store, { name: 'documents', log });
    await expect(documents.put(digestOf(new Uint8Array()), new Uint8Array([1]))).rejects.toThrow(TypeError);
  });
});

describe('a full disk', () => {
  test('is told, takes nothing, and is forgiven once there is room', async (context) => {
    const disk = tinyDisk();
    if (disk === undefined) return context.skip(NO_TINY_DISK);
    const folder = join(disk.folder, 'dew');
    const site = await openSite({ config: { dataFolder: folder } });
    const bytes = randomBytes(1_200_000);
    const artifact = { digest: digestOf(bytes), size: bytes.length };
    const document = resource({ artifact });
    await site.enrol('edge');
    await site.activate(document);
    const put = () => site.call('publisher', `PUT /v1/artifacts/${artifact.digest}`, { body: bytes });
    expect(await put()).toMatchObject({ code: 'DISK_FULL', status: 507 });
    expect((await site.call('edge', `GET /v1/documents/${document.digest}`)).code).toBe('ok');
    const other = resource({ name: 'other' });
    await site.submit('publisher', { type: 'propose', proposals: [other.proposal] });
    await eventually(() => site.dew.status().ledger.trouble?.code).toBe('DISK_FULL');
    expect((await site.upload(other)).code).toBe('LEDGER_BEHIND');
    expect((await site.call('edge', `GET /v1/artifacts/${artifact.digest}`)).code).toBe('NOT_FOUND');

    disk.resize('64m');
    expect((await put()).code).toBe('ok');
    await eventually(() => site.dew.status().ledger.trouble).toBeNull();
    expect((await site.upload(other)).code).toBe('ok');
    await site.submit('approver', { type: 'approve', proposals: [other.proposal] });
    await eventually(() => site.namesFor('edge')).toEqual(['climate', 'other']);
  });
});

describe('older versions', () => {
  test('are kept as many as configured, for those who review; what the ledger names stays', async () => {
    const site = await openSite({ config: { keepVersions: 2 } });
    const versions = [1, 2, 3, 4, 5].map((version) => resource({ version }));
    for (const one of versions) await site.activate(one);
    const proposed = resource({ version: 6 });
    await site.submit('publisher', { type: 'propose', proposals: [proposed.proposal] });
    await site.upload(proposed);
    const codes = async () => {
      const answers: string[] = [];
      for (const { digest } of [...versions, proposed]) {
        answers.push((await site.call('approver', `GET /v1/documents/${digest}`)).code);
      }
      return answers;
    };
    await eventually(codes).toEqual(['NOT_FOUND', 'NOT_FOUND', 'ok', 'ok', 'ok', 'ok']);
  });

  test('lose their artifacts when they go, not before', async () => {
    const site = await openSite({ config: { keepVersions: 0 } });
    const bytes = Buffer.from('script');
    const artifact = { digest: digestOf(bytes), size: bytes.length };
    await site.activate(resource({ artifact }));
    const path = `/v1/artifacts/${artifact.digest}`;
    expect((await site.call('publisher', `PUT ${path}`, { body: bytes })).code).toBe('ok');
    await site.activate(resource({ name: 'other' }));
    expect((await site.call('approver', `GET ${path}`)).code).toBe('ok');
    await site.activate(resource({ version: 2 }));
    await eventually(async () => (await site.call('approver', `GET ${path}`)).code).toBe('NOT_FOUND');
  });

  test('go by version, whatever the order, and never what is held', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 12 }),
        fc.nat({ max: 12 }),
        fc.nat({ max: 6 }),
        (numbers, heldCount, keepVersions) => {
          const all = numbers.map((number) => resource({ version: number + 1 }));
          const held = all.slice(0, heldCount);
          const nothing = { heads: [], proposals: [], devices: [] };
          const documents = new Map(all.map(({ digest, bytes }) => [digest, parseDocument(bytes).document]));
          const dropped = planDropped({
            digests: [...documents.keys()],
            documentOf: (digest) => documents.get(digest),
            holdings: new Map(held.map(({ digest }) => [digest, nothing])),
            keepVersions,
          });
          const newestFirst = all.slice(heldCount).sort((a, b) => (a.proposal.version < b.proposal.version ? 1 : -1));
          const expected = newestFirst.slice(keepVersions).map(({ digest }) => digest);
          expect([...dropped].sort()).toEqual(expected.sort());
        },
      ),
    );
  });
});

describe('the control socket', () => {
  test('tells the status and stops the dew', async () => {
    const site = await openSite();
    await site.enrol('edge');
    await site.activate(resource());
    const folder = site.folder;
    const status = () => callDaemon({ folder, command: 'status' });
    await eventually(status).toMatchObject({
      kind: 'dew',
      tenant: 'greenfields',
      url: site.dew.url,
      ledger: { trouble: null },
      missing: [],
      groups: [{ name: 'barn-7', devices: [{ account: accountOf('edge'), resources: ['climate'] }] }],
    });
    expect(await callDaemon({ folder, command: 'stop' })).toEqual({ stopping: true });
    await site.dew.closed;
    expect(existsSync(join(folder, 'control.sock'))).toBe(false);
  });

  test('and the store belong to one dew', async () => {
    const site = await openSite();
    const other = { config: { dataFolder: site.folder } };
    await expect(openSite(other)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    expect((await site.call(undefined, 'GET /healthz')).code).toBe('ok');
  });

  test('and all else is given back when a port is taken', async () => {
    const site = await openSite();
    const port = Number(new URL(site.dew.url).port);
    const folder = temporaryFolder();
    await expect(openSite({ folder, config: { port } })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const store = await openStore(join(folder, 'store'));
    await store.close();
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { signerOf, walletOf } from '../platform/wallets.ts';
import { digestOf } from '../../core/digest.ts';
import { ANYONE } from '../../core/ids.ts';
import { NEVER } from '../../core/policy.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { createLog } from '../../platform/log.ts';
import { openStore } from '../../platform/store/open-store.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import {
  createSecretSite,
  enrol,
  FIRST,
  recordOf,
  SECOND,
  setSecret,
  startSecretDew,
  startSecretEdge,
  upload,
  waitForKeys,
} from './support/secret-site.ts';
import { list, put } from './support/list-secrets.ts';
import { ask } from './support/calls.ts';
import { ADMIN_WALLET, resourceOf } from './support/site.ts';
import { eventually } from './support/test-edge.ts';

const VALUE = 'correct-horse-battery-staple-5';
const naming = { secrets: ['api-key'] };
const [first, second] = [walletOf(FIRST).account, walletOf(SECOND).account];

describe('a secret', () => {
  test('is waited for, arrives, is there with dew and chain gone, and is renewed without a restart', async () => {
    const site = await createSecretSite();
    const dew = await startSecretDew(site);
    await upload(dew, await site.publish('climate', naming));
    const dataFolder = temporaryFolder();
    const edge = await startSecretEdge(site, { dewUrls: [dew.url], hintUrls: [dew.mqttUrl], dataFolder });
    await eventually(() => {
      const [refusal] = edge.status().refusals.filter(({ code }) => code === 'SECRET_MISSING');
      expect(refusal).toMatchObject({ about: 'greenfields/climate' });
      expect(refusal?.message).toContain('api-key');
    });
    expect(edge.runtime.journal).toEqual([]);
    await waitForKeys(dew, [first]);

    expect(await setSecret(site, { dew, value: VALUE })).toEqual([first]);
    await eventually(() => {
      expect(edge.stateOf('climate')).toBe('RUNNING');
    });
    expect(await edge.secret('api-key')).toBe(VALUE);
    await expect(edge.secret('other')).rejects.toMatchObject({ code: 'NOT_FOUND' });

    await setSecret(site, { dew, value: 'renewed', version: 2 });
    await eventually(async () => {
      expect(await edge.secret('api-key')).toBe('renewed');
    });
    expect(edge.runtime.journal).toEqual(['start climate@1', 'take-over climate@1']);

    await edge.close();
    await dew.close();
    site.chain.setReachable(false);
    const booted = await startSecretEdge(site, { dewUrls: [dew.url], dataFolder });
    await eventually(() => {
      expect(booted.stateOf('climate')).toBe('RUNNING');
    });
    expect(await booted.secret('api-key')).toBe('renewed');
  });

  test('is sealed on by a device that has it to one that comes later, and moves there with its resource', async () => {
    const site = await createSecretSite();
    const dew = await startSecretDew(site);
    await upload(dew, await site.publish('climate', naming));
    const config = { dewUrls: [dew.url], hintUrls: [dew.mqttUrl] };
    const edge = await startSecretEdge(site, config);
    await waitForKeys(dew, [first]);
    expect(await setSecret(site, { dew, value: VALUE })).toEqual([first]);
    await eventually(() => {
      expect(edge.stateOf('climate')).toBe('RUNNING');
    });

    await enrol(site, SECOND);
    const later = await startSecretEdge(site, { ...config, wallet: SECOND });
    await eventually(async () => {
      expect(await list(dew)).toMatchObject([{ sealed: [first, second].sort(), lacking: [] }]);
    });
    // The first is out of the game, and nobody sets anything anew.
    await edge.close();
    await site.do({ type: 'set-device-status', account: first, status: 'suspended' });
    await eventually(() => {
      expect(later.stateOf('climate')).toBe('RUNNING');
    });
    expect(await later.secret('api-key')).toBe(VALUE);
  });

  test('that a dew lost comes back from a device, version and all', async () => {
    const site = await createSecretSite();
    const dew = await startSecretDew(site);
    const published = await site.publish('climate', naming);
    await upload(dew, published);
    const dataFolder = temporaryFolder();
    const edge = await startSecretEdge(site, { dewUrls: [dew.url], dataFolder });
    await waitForKeys(dew, [first]);
    await setSecret(site, { dew, value: VALUE, version: 7 });
    await eventually(() => {
      expect(edge.stateOf('climate')).toBe('RUNNING');
    });
    await edge.close();
    await dew.close();
    const fresh = await startSecretDew(site);
    await upload(fresh, published);
    await startSecretEdge(site, { dewUrls: [fresh.url], dataFolder });
    await eventually(async () => {
      expect(await list(fresh)).toMatchObject([{ record: { version: 7 }, sealed: [first] }]);
    });
  });

  test('reaches the script of its resource, and another resource on the device does not get it', async () => {
    const site = await createSecretSite();
    const dew = await startSecretDew(site);
    const source = `import { secrets } from 'dewproof';
export async function view() {
  const told = await secrets.get('api-key').then((value) => [...value].reverse().join(''), (error) => error.code);
  return { told };
}`;
    const bytes = Buffer.from(source);
    const runtime = { kind: 'script', artifact: { digest: digestOf(bytes), size: bytes.length } };
    const views = [{ id: 'told', computed: true }];
    for (const [name, secrets] of [
      ['climate', ['api-key']],
      ['vents', []],
    ] as const) {
      await upload(dew, await site.publish(name, { runtime, views, secrets }));
      const grant = { subject: ANYONE, actions: ['read'], offline: false, expiresAt: NEVER } as const;
      await site.do({ type: 'set-grant', resource: resourceOf(name), ...grant });
    }
    await fetchCapped(`${dew.url}/v1/artifacts/${digestOf(bytes)}`, {
      method: 'PUT',
      body: bytes,
      signer: signerOf(ADMIN_WALLET),
      maxBytes: 4096,
      minBytesPerSecond: 1,
      totalMs: 10_000,
    });
    const edge = await startSecretEdge(site, { dewUrls: [dew.url], hasOwnHosts: true });
    await waitForKeys(dew, [first]);
    await setSecret(site, { dew, value: VALUE });
    const told = async (name: string) => (await ask(`${edge.url}/v1/resources/greenfields/${name}/views/told`)).body;
    const reversed = Buffer.from(Buffer.from(VALUE).toReversed()).toString();
    await eventually(async () => {
      expect(JSON.stringify(await told('climate'))).toContain(reversed);
    });
    await eventually(async () => {
      expect(JSON.stringify(await told('vents'))).toContain('NOT_FOUND');
    });
    expect(JSON.stringify(await told('vents'))).not.toContain(reversed);
  });

  test('that is withdrawn is gone from dew and device; what lacks it does not start again', async () => {
    const site = await createSecretSite();
    const dew = await startSecretDew(site);
    await upload(dew, await site.publish('climate', naming));
    const dataFolder = temporaryFolder();
    const edge = await startSecretEdge(site, { dewUrls: [dew.url], dataFolder });
    await waitForKeys(dew, [first]);
    await setSecret(site, { dew, value: VALUE });
    await eventually(() => {
      expect(edge.stateOf('climate')).toBe('RUNNING');
    });
    const { record } = await recordOf(site, { value: undefined, version: 2 });
    await put(dew, { record, copies: [] });
    await eventually(async () => {
      await expect(edge.secret('api-key')).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    });
    await edge.close();
    const booted = await startSecretEdge(site, { dewUrls: [dew.url], dataFolder });
    await eventually(() => {
      expect(booted.status().refusals.map(({ code }) => code)).toContain('SECRET_MISSING');
    });
    expect(booted.runtime.journal).toEqual([]);
  });
});

/** A way to a server that writes down all that passes. */
async function startRecorder(port: () => number): Promise<{ readonly port: number; readonly passed: Buffer[] }> {
  const passed: Buffer[] = [];
  const server = createServer((client) => {
    const upstream = connect(port(), '127.0.0.1');
    for (const [from, to] of [[client, upstream] as const, [upstream, client] as const]) {
      from.on('data', (chunk: Buffer) => {
        passed.push(chunk);
        to.write(chunk);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, passed };
}

/** All bytes of a folder's files, and all entries of the database in it, which may be compressed in them. */
async function bytesIn(folder: string): Promise<Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const raw = files.map((file) => readFileSync(join(file.parentPath, file.name)));
  const store = await openStore(join(folder, 'store'));
  const entries = await store.iterator<Buffer, Buffer>({ keyEncoding: 'buffer', valueEncoding: 'buffer' }).all();
  await store.close();
  return Buffer.concat([...raw, ...entries.flat()]);
}

/** The value and its usual disguises. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  // Base64 of a value in the midst of something has one of three alignments; their middles are compared.
  const shifted = [0, 1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), bytes])
      .toString('base64')
      .slice(4, -6),
  );
  return [value, bytes.toString('hex'), Buffer.from(bytes.toReversed()).toString(), ...shifted];
}

test('no log, error, database, control answer or HTTP message has a plaintext in it through a whole life', async () => {
  const said: string[] = [];
  const log = createLog({ name: 'all', level: 'trace' }, { write: (line) => said.push(line) });
  const site = await createSecretSite();
  let dewPort = 0;
  const recorder = await startRecorder(() => dewPort);
  const authorities = [`127.0.0.1:${recorder.port}`];
  const dewFolder = temporaryFolder();
  const dew = await startSecretDew(site, { folder: dewFolder, log, authorities });
  dewPort = Number(new URL(dew.url).port);
  const through = { url: `http://127.0.0.1:${recorder.port}` };
  await upload(dew, await site.publish('climate', naming));
  await enrol(site, SECOND);
  const folders = [temporaryFolder(), temporaryFolder()];
  const edges = await Promise.all(
    [FIRST, SECOND].map((wallet, index) =>
      startSecretEdge(site, { wallet, log, dewUrls: [through.url], dataFolder: folders[index] ?? '' }),
    ),
  );
  await waitForKeys(through, [first, second]);
  await setSecret(site, { dew: through, value: VALUE });
  const running = await eventually(() => {
    const found = edges.find((edge) => edge.stateOf('climate') === 'RUNNING');
    if (found === undefined) throw new Error('it does not run');
    return found;
  });
  expect(await running.secret('api-key')).toBe(VALUE);
  // Things go wrong too: another value under the same commitment, and a value of the wrong version.
  const { record, copyFor } = await recordOf(site, { value: VALUE, version: 2 });
  await put(through, { record, copies: [copyFor(FIRST, `${VALUE}-altered`), copyFor(SECOND, `${VALUE}-altered`)] });
  await eventually(() => {
    expect(running.status().refusals.map(({ code }) => code)).toContain('DIGEST_MISMATCH');
  });
  await list(through);

  const answers: unknown[] = [running.status(), site.chain.state().heads];
  for (const folder of [...folders, dewFolder]) {
    answers.push(await callDaemon({ folder, command: 'status' }));
  }
  for (const folder of folders) answers.push(await callDaemon({ folder, command: 'verify' }));
  for (const edge of edges) await edge.close();
  await dew.close();
  const stored = await Promise.all([...folders, dewFolder].map(bytesIn));
  const text = JSON.stringify(answers, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  const places = {
    logs: said.join('\n'),
    answers: text,
    messages: Buffer.concat(recorder.passed).toString('latin1'),
    disks: Buffer.concat(stored).toString('latin1'),
  };
  // The search finds what is there: the secret's name is in all of these.
  for (const [place, content] of Object.entries(places)) expect(content.includes('api-key'), place).toBe(true);
  for (const [place, content] of Object.entries(places)) {
    for (const form of formsOf(VALUE)) expect(content.includes(form), `${place}: ${form}`).toBe(false);
  }
});

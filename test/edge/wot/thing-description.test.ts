import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { HttpClientFactory } from '@node-wot/binding-http';
import { Servient } from '@node-wot/core';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { accountSubject, ANYONE, type SubjectId } from '../../../core/ids.ts';
import { NEVER, type Action } from '../../../core/policy.ts';
import { signerOf, walletOf } from '../../platform/wallets.ts';
import { ask } from '../support/calls.ts';
import { createSite, resourceOf, TENANT } from '../support/site.ts';
import { startTestDew } from '../support/test-dew.ts';
import { eventually, startTestEdge } from '../support/test-edge.ts';

const FRIEND = 11;
const STRANGER = 12;
const friend = accountSubject(walletOf(FRIEND).account);

const inputs = [
  { id: 'temperature', push: true, payload: { format: 'json', unit: '°C', minimum: -40, maximum: 60 } },
  { id: 'note', push: true, payload: { format: 'text', maxLength: 80 } },
  { id: 'deep', push: true, payload: { format: 'json', pointer: '/a/b~1c', type: 'boolean' } },
];
const actions = [
  { id: 'vent', virtual: true, payload: { format: 'json', minimum: 0, maximum: 100, unit: '%' } },
  { id: 'lamp', virtual: true, payload: { format: 'json', type: 'boolean' } },
];
const views = [
  { id: 'now', input: 'temperature', latest: true },
  { id: 'all', input: 'temperature', range: true },
  { id: 'vent', input: 'vent', latest: true },
  { id: 'both', join: ['temperature', 'lamp'], latest: true },
  {
    id: 'days',
    input: 'temperature',
    window: '1d',
    aggregate: ['p95', 'mean', 'rate', 'count'],
    timezone: 'Europe/Berlin',
  },
  { id: 'side', join: ['temperature', 'vent'], window: '1s', aggregate: ['mean', 'last'] },
];

async function setUp() {
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.publish('climate', { inputs, actions, views });
  await site.publish('light');
  dew.assign('climate', 'light');
  const edge = await startTestEdge(site, { dewUrls: [dew.url] });
  await eventually(() => {
    expect(edge.status().resources.map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING']);
  });
  const allow = async (subject: SubjectId, ...allowed: Action[]) => {
    const resource = resourceOf('climate');
    await site.do({ type: 'set-grant', resource, subject, actions: allowed, offline: false, expiresAt: NEVER });
  };
  const url = `${edge.url}/v1/resources/${TENANT}/climate/td`;
  const describeFor = async (wallet?: number) => ask(url, wallet === undefined ? undefined : signerOf(wallet));
  const described = (check: (td: Td) => void, wallet?: number) =>
    eventually(async () => {
      const { status, body } = await describeFor(wallet);
      expect(status).toBe(200);
      check(body as unknown as Td);
      return body as unknown as Td;
    });
  return { site, edge, url, allow, describeFor, described };
}

interface Td {
  readonly securityDefinitions: Record<string, { readonly scheme: string }>;
  readonly security: readonly string[];
  readonly properties: Record<
    string,
    { readonly forms: readonly { readonly href: string; readonly contentType: string }[] }
  >;
  readonly actions: Record<
    string,
    { readonly input: object; readonly forms: readonly { readonly security: readonly string[] }[] }
  >;
  readonly events: Record<string, object>;
  readonly links: readonly { readonly href: string }[];
}

// Two versions are installed: this one is that of TD 1.1.
const { resolve } = createRequire(
  new URL('../../../node_modules/wot-typescript-definitions/index.d.ts', import.meta.url),
);
const schemaFile = resolve('wot-thing-description-types/schema/td-json-schema-validation.json');

/** By W3C's own schema of TD 1.1. */
async function validate(td: unknown): Promise<void> {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  addFormats.default(ajv);
  const check = ajv.compile(JSON.parse(await readFile(schemaFile, 'utf8')) as object);
  check(td);
  expect(check.errors ?? []).toEqual([]);
}

describe('the Thing Description of a resource', () => {
  test("is valid by W3C's schema for anyone who may all, with nothing but nosec", async () => {
    const { allow, described } = await setUp();
    await allow(ANYONE, 'read', 'write', 'invoke');
    const td = await described(({ actions: all }) => {
      expect(Object.keys(all)).toHaveLength(5);
    });
    await validate(td);
    expect(td.securityDefinitions).toMatchObject({ open: { scheme: 'nosec' } });
    expect(Object.keys(td.securityDefinitions)).toEqual(['open']);
    expect(Object.keys(td.properties)).toEqual(views.map(({ id }) => id));
    expect(Object.keys(td.events)).toEqual(views.map(({ id }) => id));
    expect(td.properties['now']).toMatchObject({
      type: 'object',
      readOnly: true,
      properties: {
        reading: {
          oneOf: [
            { type: 'null' },
            { properties: { value: { type: 'number', minimum: -40, maximum: 60, unit: '°C' } } },
          ],
        },
      },
      forms: [{ contentType: 'application/json' }, { contentType: 'text/csv' }],
    });
    expect(td.actions['vent']?.input).toMatchObject({ properties: { value: { minimum: 0, maximum: 100, unit: '%' } } });
    expect(td.actions['deep']?.input).toMatchObject({
      properties: { a: { properties: { 'b/c': { type: 'boolean' } } } },
    });
    expect(td.events['days']).toMatchObject({ data: { properties: { rate: { oneOf: [{}, { unit: '°C/s' }] } } } });
  });

  test('says where calls must be signed, and leaves out what the caller may not do', async () => {
    const { allow, described, describeFor } = await setUp();
    expect(await describeFor()).toMatchObject({ status: 401 });
    expect(await describeFor(STRANGER)).toMatchObject({ status: 403 });
    await allow(friend, 'read', 'invoke');
    const own = await described(({ actions: all }) => {
      expect(Object.keys(all)).toEqual(['vent', 'lamp']);
    }, FRIEND);
    await validate(own);
    expect(own.securityDefinitions).toMatchObject({ signed: { scheme: 'dewproof:SignedCall' } });
    expect(Object.keys(own.securityDefinitions)).toEqual(['signed']);
    expect(own.security).toEqual(['signed']);
    await allow(ANYONE, 'read');
    const open = await described(({ security }) => {
      expect(security).toEqual(['open']);
    }, FRIEND);
    await validate(open);
    expect(open.actions['vent']?.forms[0]?.security).toEqual(['signed']);
    const anyones = await described(({ actions: all }) => {
      expect(all).toEqual({});
    });
    await validate(anyones);
    expect(await describeFor(STRANGER)).toMatchObject({ status: 200, body: { actions: {} } });
  });

  test('names the edge as the caller knows it, and never as a stranger would have it', async () => {
    const { edge, url, allow, described } = await setUp();
    await allow(ANYONE, 'read');
    const td = await described(() => undefined);
    expect(td.properties['now']?.forms[0]?.href).toBe(`${edge.url}/v1/resources/${TENANT}/climate/views/now`);
    const { body } = await request(url, { headers: { host: 'evil.example' } });
    expect(await body.text()).not.toContain('evil.example');
  });

  test('comes as a Thing Description or as JSON, and as nothing else', async () => {
    const { url, allow, described } = await setUp();
    await allow(ANYONE, 'read');
    await described(() => undefined);
    const typeFor = async (accept: string) => {
      const { statusCode, headers, body } = await request(url, { headers: { accept } });
      await body.dump();
      return [statusCode, headers['content-type'], headers['vary']];
    };
    expect(await typeFor('*/*')).toEqual([200, 'application/td+json; charset=utf-8', 'Accept']);
    expect(await typeFor('application/json')).toEqual([200, 'application/json; charset=utf-8', 'Accept']);
    expect(await typeFor('text/html')).toEqual([406, 'application/problem+json; charset=utf-8', 'Accept']);
  });

  test('is introduced by the well-known address, to whom may read it', async () => {
    const { edge, url, allow } = await setUp();
    const introduced = async (wallet?: number) => {
      const { body } = await ask(`${edge.url}/.well-known/wot`, wallet === undefined ? undefined : signerOf(wallet));
      await validate(body);
      return (body as unknown as Td).links.map(({ href }) => href);
    };
    expect(await introduced()).toEqual([]);
    await allow(friend, 'read');
    await eventually(async () => {
      expect(await introduced(FRIEND)).toEqual([url]);
    });
    expect(await introduced()).toEqual([]);
    expect(await introduced(STRANGER)).toEqual([]);
  });
});

describe('node-wot', () => {
  test('finds the edge, reads views, does actions, pushes readings and follows events', async () => {
    const { edge, url, allow } = await setUp();
    await allow(ANYONE, 'read', 'write', 'invoke');
    const servient = new Servient();
    servient.addClientFactory(new HttpClientFactory());
    onTestFinished(() => servient.shutdown());
    const wot = await servient.start();

    const links = await eventually(async () => {
      const found = (await wot.requestThingDescription(`${edge.url}/.well-known/wot`)).links ?? [];
      expect(found.map(({ href }) => href)).toEqual([url]);
      return found;
    });
    const thing = await wot.consume(await wot.requestThingDescription(links[0]?.href ?? ''));

    /** Follows an event, and keeps what it tells: values, and errors too. */
    const follow = async (event: string) => {
      const told: unknown[] = [];
      const keep = (one: unknown) => void told.push(one);
      const listener = (output: { value(): Promise<unknown> }) => void output.value().then(keep, keep);
      return { told, subscription: await thing.subscribeEvent(event, listener, keep) };
    };
    const all = await follow('all');
    const side = await follow('side');

    expect(await (await thing.readProperty('now')).value()).toMatchObject({ view: 'now', unit: '°C', reading: null });
    await thing.invokeAction('temperature', 21.5);
    expect(await (await thing.readProperty('now')).value()).toMatchObject({ reading: { value: 21.5 } });
    await thing.invokeAction('note', 'hello');
    await thing.invokeAction('deep', { a: { 'b/c': true } });
    await thing.invokeAction('lamp', { value: true });
    expect(await (await thing.readProperty('both')).value()).toMatchObject({
      latest: { temperature: { value: 21.5 }, lamp: { value: true } },
    });
    await thing.invokeAction('vent', { value: 40 });
    expect(await (await thing.readProperty('vent')).value()).toMatchObject({ reading: { value: 40 } });
    await expect(thing.invokeAction('vent', { value: 101 })).rejects.toThrow();

    const page = await thing.readProperty('all', { uriVariables: { limit: 1 } });
    expect(await page.value()).toMatchObject({ readings: [{ value: 21.5 }] });
    expect(await (await thing.readProperty('days')).value()).toMatchObject({
      timezone: 'Europe/Berlin',
      windows: [{ p95: 21.5, rate: null, count: 1 }],
    });

    await eventually(() => {
      expect(all.told).toMatchObject([{ value: 21.5 }]);
      expect(side.told).toMatchObject([{ values: { temperature: { last: 21.5 } } }]);
    });
    await all.subscription.stop();
    await side.subscription.stop();
  });
});

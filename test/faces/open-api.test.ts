import type { Router } from 'express';
import { Registry } from 'prom-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { ANYONE } from '../../core/ids.ts';
import { NEVER } from '../../core/policy.ts';
import { dewRoutes, type DewRoutesDeps } from '../../dew/http/dew-routes.ts';
import { readingsAnswer } from '../../edge/http/answers.ts';
import { edgeRoutes, type EdgeRoutesDeps } from '../../edge/http/edge-routes.ts';
import { createApi } from '../../platform/http/api.ts';
import { createApp } from '../../platform/http/create-app.ts';
import { listen } from '../../platform/http/listen.ts';
import { resource as makeResource } from '../dew/support/documents.ts';
import { cast, openSite } from '../dew/support/site.ts';
import { ask } from '../edge/support/calls.ts';
import { connectSensor } from '../edge/support/sensor.ts';
import { createSite, resourceOf, TENANT } from '../edge/support/site.ts';
import { startTestDew } from '../edge/support/test-dew.ts';
import { eventually, quietLog, startTestEdge } from '../edge/support/test-edge.ts';
import { vaultOf } from '../platform/wallets.ts';
import { answerErrors, verifyOpenApi, type OpenApiDocument } from './open-api-rules.ts';

// Nothing of the daemon is asked where only its description is.
const bare = {
  verifyCall: () => Promise.resolve(undefined),
  authorities: [],
  metrics: { registry: new Registry() },
  clock: Date.now,
};
const daemons = {
  edge: () => edgeRoutes(bare as unknown as EdgeRoutesDeps),
  dew: () => dewRoutes(bare as unknown as DewRoutesDeps),
};

async function descriptionOf(routes: Router): Promise<unknown> {
  const server = await listen(createApp({ routes, log: quietLog() }), { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  return (await ask(`${server.url}/openapi.json`)).body;
}

function routesOf(router: Router): readonly string[] {
  return router.stack.flatMap(({ route }) => {
    if (route === undefined) return ['something that is no route'];
    const methods = new Set(route.stack.map(({ method }) => method));
    return [...methods].map((method) => `${method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`);
  });
}

function entriesOf({ paths }: OpenApiDocument): readonly string[] {
  return Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
}

/** What needs no signature, since it proves itself to whoever has the anchor. */
const provingItself: Readonly<Record<string, readonly string[]>> = {
  edge: ['/v1/anchors', '/v1/bundle'],
  dew: ['/v1/anchors', '/v1/bundles/{account}', '/v1/nonces'],
};

describe.each(Object.entries(daemons))('the description of an %s', (name, routes) => {
  test('obeys OpenAPI 3.1', async () => {
    verifyOpenApi(await descriptionOf(routes()));
  });

  test('has an entry for every route, and a route for every entry', async () => {
    const router = routes();
    const entries = entriesOf(verifyOpenApi(await descriptionOf(router)));
    expect(routesOf(router).toSorted()).toEqual(entries.toSorted());
    expect(entries.length).toBeGreaterThan(5);
  });

  test('is the same wherever it runs', async () => {
    expect(await descriptionOf(routes())).toEqual(await descriptionOf(routes()));
  });

  test('opens nothing but health, itself and what proves itself', async () => {
    const { paths } = verifyOpenApi(await descriptionOf(routes()));
    const open = Object.entries(paths).filter(([, item]) =>
      Object.values(item).some((one) => one?.security.length === 0),
    );
    expect(open.map(([path]) => path).toSorted()).toEqual([
      '/healthz',
      '/openapi.json',
      '/readyz',
      ...(provingItself[name] ?? []),
    ]);
  });
});

test('a route past the description is found', () => {
  const api = createApi({ title: 'x', description: 'x' });
  api.router.get('/secret', (_request, response) => void response.end());
  expect(routesOf(api.router)).toEqual(['get /openapi.json', 'get /secret']);
});

test('a parameter that nothing describes is a mistake', async () => {
  const api = createApi({ title: 'x', description: 'x' });
  api.get('/v1/:unheard', { summary: 'something', access: 'open', answer: { schema: z.string() } }, () => undefined);
  expect(await descriptionOf(api.router)).toMatchObject({ code: 'INTERNAL' });
});

test('an edge answers as its description says', async () => {
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.publish('climate', {
    inputs: [
      { id: 'temperature', mqtt: { topic: 'barn/7/temperature' } },
      { id: 'humidity', push: true, payload: { unit: '%' } },
    ],
    views: [
      { id: 'now', input: 'temperature', latest: true },
      { id: 'all', input: 'temperature', range: true },
      { id: 'hourly', input: 'temperature', window: '1h', aggregate: ['min', 'max', 'mean', 'count'] },
      { id: 'rated', input: 'temperature', window: '1h', aggregate: ['p95', 'rate'], timezone: 'Europe/Berlin' },
      { id: 'both', join: ['temperature', 'humidity'], latest: true },
      { id: 'daily', join: ['temperature', 'humidity'], window: '1d', aggregate: ['max'] },
    ],
  });
  dew.assign('climate');
  await site.do({
    type: 'set-grant',
    resource: resourceOf('climate'),
    subject: ANYONE,
    actions: ['read'],
    offline: false,
    expiresAt: NEVER,
  });
  const edge = await startTestEdge(site, { dewUrls: [dew.url] });
  const get = (path: string) => ask(`${edge.url}${path}`);
  const document = verifyOpenApi((await get('/openapi.json')).body);
  const views = `/v1/resources/${TENANT}/climate/views`;
  await eventually(async () => {
    expect(await get(`${views}/now`)).toMatchObject({ status: 200 });
  });
  const sensor = await connectSensor(edge.mqttUrl);
  await sensor.publishAsync('barn/7/temperature', '21.5', { qos: 1 });
  await eventually(async () => {
    expect(await get(`${views}/now`)).not.toMatchObject({ body: { reading: null } });
  });
  const listed = await get('/v1/resources');
  const ids = (listed.body['resources'] as { views: { id: string }[] }[]).flatMap((one) =>
    one.views.map(({ id }) => id),
  );
  expect(ids.length).toBeGreaterThan(1);
  const template = '/v1/resources/{tenant}/{name}/views/{view}';
  const ofReadings = await Promise.all(ids.map(async (id) => ({ path: template, ...(await get(`${views}/${id}`)) })));
  // Parsed, nothing is left out: all that is answered is described.
  for (const { body } of ofReadings) expect(readingsAnswer.safeParse(body)).toEqual({ success: true, data: body });
  // As the description says, though it is answered in front of what is described.
  const bundle = await fetch(`${edge.url}/v1/bundle`);
  expect([bundle.status, bundle.headers.get('content-type')]).toEqual([200, 'application/cbor']);
  const asked = await fetch(`${edge.url}/v1/bundle?x`, { method: 'HEAD' });
  expect([asked.status, asked.headers.get('etag')]).toEqual([200, bundle.headers.get('etag')]);
  const answers = [
    { path: '/healthz', ...(await get('/healthz')) },
    { path: '/readyz', ...(await get('/readyz')) },
    { path: '/v1/resources', ...listed },
    ...ofReadings,
    { path: template, ...(await get(`${views}/now?limit=x`)) },
    { path: template, ...(await get(`${views}/nothing`)) },
    { path: '/metrics', ...(await get('/metrics')) },
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, ...ids.map(() => 200), 400, 404, 401]);
  for (const answer of answers) expect([answer.path, answerErrors(document, answer)]).toEqual([answer.path, undefined]);
});

test('a dew answers as its description says', async () => {
  const site = await openSite();
  const json = async (caller: Parameters<typeof site.call>[0], path: string) => {
    const { status, body } = await site.call(caller, `GET ${path}`);
    return { status, body: JSON.parse(Buffer.from(body).toString()) as unknown };
  };
  const document = verifyOpenApi((await json(undefined, '/openapi.json')).body);
  const climate = makeResource({ name: 'climate' });
  await site.enrol('edge');
  await site.activate(climate);
  await expect.poll(() => site.namesFor('edge'), { timeout: 10_000 }).toEqual(['climate']);
  const { account } = await site.assignments('edge').then(({ device }) => ({ account: device }));
  const key = { publicKey: vaultOf(cast.edge).publicKey };
  const put = (path: string, body: unknown) =>
    site.call('edge', `PUT ${path}`, { body: Buffer.from(JSON.stringify(body)) });
  expect((await put(`/v1/devices/${account}/key`, key)).code).toBe('ok');
  const answers = [
    { path: '/v1/receipts', ...(await json('publisher', '/v1/receipts?limit=1')) },
    { path: '/v1/receipts', ...(await json('publisher', '/v1/receipts?limit=0')) },
    { path: '/v1/secrets', ...(await json('publisher', '/v1/secrets')) },
    { path: '/v1/secrets/{tenant}/{resource}/{name}', ...(await json('edge', `/v1/secrets/${TENANT}/climate/key`)) },
    { path: '/v1/devices/{account}/key', ...(await json('publisher', `/v1/devices/${account}/key`)) },
    { path: '/v1/devices/{account}/secrets', ...(await json('edge', `/v1/devices/${account}/secrets`)) },
    { path: '/v1/rollouts/{tenant}/{name}', ...(await json('publisher', `/v1/rollouts/${TENANT}/climate`)) },
    { path: '/v1/resources', ...(await json('publisher', '/v1/resources')) },
    { path: '/v1/resources/{tenant}/{name}', ...(await json('publisher', `/v1/resources/${TENANT}/climate`)) },
    { path: '/v1/documents/{digest}', ...(await json('edge', `/v1/documents/${climate.digest}`)) },
    { path: '/v1/assignments/{account}', ...(await json('edge', `/v1/assignments/${account}`)) },
    { path: '/v1/assignments/{account}', ...(await json('stranger', `/v1/assignments/${account}`)) },
    { path: '/metrics', ...(await json('publisher', '/metrics')) },
  ];
  expect(answers.map(({ status }) => status)).toEqual([
    200, 400, 200, 404, 200, 200, 404, 200, 200, 200, 200, 403, 403,
  ]);
  for (const answer of answers) expect([answer.path, answerErrors(document, answer)]).toEqual([answer.path, undefined]);
});

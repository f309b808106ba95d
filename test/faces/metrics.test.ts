import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { accountSubject, ANY_RESOURCE, ANYONE } from '../../core/ids.ts';
import { NEVER, type Action } from '../../core/policy.ts';
import { resource } from '../dew/support/documents.ts';
import { accountOf, openSite } from '../dew/support/site.ts';
import { connectSensor } from '../edge/support/sensor.ts';
import { createSite, resourceOf, statePorts, TENANT } from '../edge/support/site.ts';
import { startTestDew } from '../edge/support/test-dew.ts';
import { eventually, startTestEdge } from '../edge/support/test-edge.ts';
import { signerOf, walletOf } from '../platform/wallets.ts';
import { parseMetrics, type Family } from './parse-metrics.ts';

const MANAGER = 11;
const listener = { metrics: { host: '127.0.0.1', port: 0 } };

type Metrics = ReadonlyMap<string, Family>;

/** The value of the one sample with these labels among others; undefined where there is none. */
function valueOf(metrics: Metrics, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const family = metrics.get(name) ?? metrics.get(name.replace(/_(?:count|sum|bucket)$/, ''));
  const found = family?.samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return found?.length === 1 ? found[0]?.value : undefined;
}

async function scrape(url: string | undefined): Promise<Metrics> {
  const { statusCode, headers, body } = await request(url ?? '');
  expect([statusCode, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return parseMetrics(await body.text());
}

async function setUpEdge() {
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.publish('climate');
  dew.assign('climate');
  const edge = await startTestEdge(site, { dewUrls: [dew.url], ...listener });
  await eventually(() => {
    expect(edge.status().resources).toMatchObject([{ state: 'RUNNING' }]);
  });
  const grant = (subject: `0x${string}`, actions: readonly Action[], of = ANY_RESOURCE) =>
    site.do({ type: 'set-grant', resource: of, subject, actions, offline: false, expiresAt: NEVER });
  const statusOf = async (path: string, wallet?: number, method = 'GET') => {
    const url = `${edge.url}${path}`;
    const headers =
      wallet === undefined ? {} : await signerOf(wallet).sign({ method, url, headers: {}, body: undefined });
    const { statusCode, body } = await request(url, { method: method as 'GET', headers: { ...headers } });
    await body.dump();
    return statusCode;
  };
  return { site, dew, edge, grant, statusOf };
}

describe('the metrics of an edge', () => {
  test('say what it verified, runs, believes and took in', async () => {
    const { site, edge } = await setUpEdge();
    const sensor = await connectSensor(edge.mqttUrl);
    await sensor.publishAsync('barn/7/temperature', '21.5', { qos: 1 });
    await sensor.publishAsync('barn/7/temperature', 'no number', { qos: 1 });
    const metrics = await scrape(edge.metricsUrl);
    expect(valueOf(metrics, 'dewproof_verify_total', { result: 'accepted', reason: '' })).toBe(1);
    expect(valueOf(metrics, 'dewproof_resources', { state: 'RUNNING' })).toBe(1);
    expect(valueOf(metrics, 'dewproof_resources', { state: 'BROKEN' })).toBe(0);
    expect(valueOf(metrics, 'dewproof_readings_total')).toBe(1);
    expect(valueOf(metrics, 'dewproof_readings_stored')).toBe(1);
    expect(valueOf(metrics, 'dewproof_messages_dropped_total', { reason: 'SCHEMA' })).toBe(1);
    expect(valueOf(metrics, 'dewproof_head_height')).toBe(edge.status().head?.height);
    expect(valueOf(metrics, 'dewproof_proof_age_seconds')).toBeGreaterThanOrEqual(0);
    expect(valueOf(metrics, 'dewproof_offline_duration_seconds')).toBe(0);
    expect(valueOf(metrics, 'dewproof_build_info', { daemon: 'edge' })).toBe(1);
    expect(valueOf(metrics, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    await sensor.publishAsync('barn/7/temperature', '22', { qos: 1 });
    await site.revoke('climate', 1);
    await eventually(async () => {
      const later = await scrape(edge.metricsUrl);
      expect(valueOf(later, 'dewproof_refusals_total', { by: 'daemon', code: 'REVOKED' })).toBe(1);
      expect(valueOf(later, 'dewproof_resources', { state: 'FINISHED' })).toBe(1);
      expect(valueOf(later, 'dewproof_readings_total')).toBe(2);
      expect(valueOf(later, 'dewproof_messages_dropped_total', { reason: 'SCHEMA' })).toBe(1);
    });
  });

  test('count what was refused before it started, by its code', async () => {
    const { site, dew, edge } = await setUpEdge();
    const light = await site.publish('light');
    site.contents.set(light.digest, Buffer.from('{"evil":true}'));
    dew.assign('climate', 'light');
    await eventually(async () => {
      const metrics = await scrape(edge.metricsUrl);
      expect(
        valueOf(metrics, 'dewproof_verify_total', { result: 'refused', reason: 'DIGEST_MISMATCH' }),
      ).toBeGreaterThan(0);
      expect(valueOf(metrics, 'dewproof_refusals_total', { by: 'daemon', code: 'DIGEST_MISMATCH' })).toBeGreaterThan(0);
    });
  });

  test('time calls by route, and no caller adds a label', async () => {
    const { edge, statusOf } = await setUpEdge();
    const before = (await scrape(edge.metricsUrl)).get('dewproof_http_request_duration_seconds')?.samples.length ?? 0;
    for (let index = 0; index < 50; index += 1) {
      expect(await statusOf(`/v1/resources/${TENANT}/${index}/views/${index}`)).toBe(401);
      expect(await statusOf(`/no/such/path/${index}?x=${index}`)).toBe(404);
    }
    for (const method of ['PURGE', 'LINK', 'REPORT']) expect(await statusOf('/healthz', undefined, method)).toBe(404);
    const metrics = await scrape(edge.metricsUrl);
    const count = (labels: Record<string, string>) =>
      valueOf(metrics, 'dewproof_http_request_duration_seconds_count', labels);
    expect(count({ route: '/v1/resources/:tenant/:name/views/:view', method: 'GET', status: '401' })).toBe(50);
    expect(count({ route: 'none', method: 'GET', status: '404' })).toBe(50);
    expect(count({ route: 'none', method: 'other', status: '404' })).toBe(3);
    expect(valueOf(metrics, 'dewproof_refusals_total', { by: 'http', code: 'UNAUTHENTICATED' })).toBe(50);
    const after = metrics.get('dewproof_http_request_duration_seconds')?.samples.length ?? 0;
    // Three combinations of labels, with 13 buckets, +Inf, sum and count each.
    expect(after - before).toBe(3 * 16);
  });

  test('are read over its own port by signed callers who may manage every resource, and nobody else', async () => {
    const { site, grant, statusOf } = await setUpEdge();
    const manager = accountSubject(walletOf(MANAGER).account);
    expect(await statusOf('/metrics')).toBe(401);
    expect(await statusOf('/metrics', MANAGER)).toBe(403);
    await grant(manager, ['read', 'write', 'invoke']);
    await grant(manager, ['manage'], resourceOf('climate'));
    await grant(ANYONE, ['read']);
    await eventually(async () => {
      expect(await statusOf('/v1/resources')).toBe(200);
    });
    expect(await statusOf('/metrics', MANAGER)).toBe(403);
    await grant(manager, ['manage']);
    await eventually(async () => {
      expect(await statusOf('/metrics', MANAGER)).toBe(200);
    });
    expect(await statusOf('/metrics', 12)).toBe(403);
    await site.do({ type: 'revoke-grant', resource: ANY_RESOURCE, subject: manager });
    await grant(ANYONE, ['manage']);
    await eventually(async () => {
      expect(await statusOf('/metrics', 12)).toBe(200);
    });
    expect(await statusOf('/metrics')).toBe(401);
  });

  test('stand alone on their own port, which is there only where it is asked for', async () => {
    const { edge } = await setUpEdge();
    const { origin } = new URL(edge.metricsUrl ?? '');
    for (const path of ['/', '/healthz', '/v1/resources', '/metrics/', '/openapi.json']) {
      const { statusCode, body } = await request(`${origin}${path}`);
      await body.dump();
      expect([path, statusCode]).toEqual([path, 404]);
    }
    const site = await createSite();
    expect((await startTestEdge(site, { dewUrls: [] })).metricsUrl).toBeUndefined();
  });

  test('tell how long the ledger has been out of reach', async () => {
    const site = await createSite();
    let heard: (() => void) | undefined;
    const state = statePorts(site).source;
    const source: typeof state = {
      ...state,
      watch: async function* (ask) {
        ask.onTrouble(new Error('gone'));
        await new Promise<void>((resolve) => {
          heard = resolve;
          ask.signal.addEventListener('abort', () => {
            resolve();
          });
        });
        yield* state.watch(ask);
      },
    };
    const edge = await startTestEdge(site, { dewUrls: [], stateSource: source, ...listener });
    onTestFinished(() => edge.close());
    const read = async () => valueOf(await scrape(edge.metricsUrl), 'dewproof_offline_duration_seconds');
    await eventually(async () => {
      expect(await read()).toBeGreaterThan(0);
    });
    expect(valueOf(await scrape(edge.metricsUrl), 'dewproof_proof_age_seconds')).toBeNaN();
    heard?.();
    await eventually(async () => {
      expect(await read()).toBe(0);
    });
    expect(valueOf(await scrape(edge.metricsUrl), 'dewproof_proof_age_seconds')).toBeGreaterThanOrEqual(0);
  });
});

describe('the metrics of a dew', () => {
  test('say what it keeps, places and lacks', async () => {
    const site = await openSite({ config: listener });
    await site.enrol('edge');
    const light = resource({ name: 'light' });
    await site.activate(resource({ name: 'climate' }));
    await site.submit('publisher', { type: 'propose', proposals: [light.proposal] });
    await eventually(async () => {
      const metrics = await scrape(site.dew.metricsUrl);
      expect(valueOf(metrics, 'dewproof_documents')).toBe(1);
      expect(valueOf(metrics, 'dewproof_documents_missing')).toBe(1);
      expect(valueOf(metrics, 'dewproof_assignments')).toBe(1);
      expect(valueOf(metrics, 'dewproof_devices')).toBe(1);
      expect(valueOf(metrics, 'dewproof_head_height')).toBe(Number(site.dew.status().ledger.height));
      expect(valueOf(metrics, 'dewproof_build_info', { daemon: 'dew' })).toBe(1);
    });
    const metrics = await scrape(site.dew.metricsUrl);
    const put = { route: '/v1/documents/:digest', method: 'PUT', status: '204' };
    expect(valueOf(metrics, 'dewproof_http_request_duration_seconds_count', put)).toBe(1);
    expect(metrics.get('dewproof_ledger_trouble')?.samples).toEqual([]);
  });

  test('are read over its own port by whom a policy lets manage every resource', async () => {
    const site = await openSite();
    expect(await site.call(undefined, 'GET /metrics')).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await site.call('publisher', 'GET /metrics')).toMatchObject({ code: 'FORBIDDEN' });
    await site.submit('policyAdmin', {
      type: 'set-grant',
      resource: ANY_RESOURCE,
      subject: accountSubject(accountOf('admin')),
      actions: ['manage'],
      offline: false,
      expiresAt: NEVER,
    });
    await eventually(async () => {
      expect(await site.call('admin', 'GET /metrics')).toMatchObject({ status: 200 });
    });
    expect(site.dew.metricsUrl).toBeUndefined();
  });
});

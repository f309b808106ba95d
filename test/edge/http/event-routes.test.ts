import { request } from 'undici';
import { Registry } from 'prom-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { accountSubject, ANYONE, type SubjectId } from '../../../core/ids.ts';
import { NEVER } from '../../../core/policy.ts';
import type { VerifiedConfiguration } from '../../../core/verify.ts';
import type { VerifiedState } from '../../../core/state/verified-state.ts';
import { defaultEventLimits, type EventLimits } from '../../../edge/http/event-routes.ts';
import { edgeRoutes } from '../../../edge/http/edge-routes.ts';
import { createListenerCount } from '../../../edge/http/listener-count.ts';
import { createSlot, createUnit } from '../../../edge/unit.ts';
import { createApp } from '../../../platform/http/create-app.ts';
import { listen } from '../../../platform/http/listen.ts';
import { resource } from '../../core/support/samples.ts';
import { signerOf, walletOf } from '../../platform/wallets.ts';
import { ask } from '../support/calls.ts';
import { runCurl } from '../support/curl.ts';
import { startTestHost } from '../support/resource-host.ts';
import { createSite, resourceOf, TENANT } from '../support/site.ts';
import { startTestDew } from '../support/test-dew.ts';
import { eventually, quietLog, startTestEdge } from '../support/test-edge.ts';

const START_MS = Date.UTC(2026, 0, 1);
const FRIEND = 11;
const inputs = [
  { id: 't', push: true, payload: { format: 'json' } },
  { id: 'note', push: true, payload: { format: 'json', type: 'text', maxLength: 4096 } },
];
const views = [
  { id: 'now', input: 't', latest: true },
  { id: 'all', input: 't', range: true },
  { id: 'notes', input: 'note', range: true },
  { id: 'both', join: ['t', 'note'], latest: true },
  { id: 'minutes', input: 't', window: '1m', aggregate: ['count', 'max'] },
];

/** A host behind the edge's own routes, and a state that lets anyone in until the test says otherwise. */
async function setUp(limits: Partial<EventLimits> = {}) {
  const { host, time, store } = await startTestHost({ startMs: START_MS, spec: { inputs, views } });
  const id = resourceOf('climate');
  const access = { isOpen: true, expiresAt: NEVER };
  const state = {
    grant: (_: unknown, subject: SubjectId) =>
      access.isOpen && subject === ANYONE
        ? { resource: id, subject, actions: ['read'], offline: false, expiresAt: access.expiresAt }
        : undefined,
    memberUntil: () => undefined,
    rolesNamedFor: () => [],
  } as unknown as VerifiedState;
  const unit = createUnit({ resource: id, tenant: TENANT, name: 'climate' });
  const configuration = { document: resource({ inputs, views }) } as unknown as VerifiedConfiguration;
  unit.current = Object.assign(createSlot({ version: 3n, digest: 'sha256:', profile: undefined }), {
    host,
    configuration,
  });
  const closing = new AbortController();
  const routes = edgeRoutes({
    verifyCall: () => Promise.resolve(undefined),
    authorities: [],
    state: () => state,
    newest: () => undefined,
    aging: { freshnessOf: () => 'FRESH', vouchedAt: () => undefined },
    agentState: () => ({ phase: 'following' }),
    units: () => new Map([[id, unit]]),
    metrics: { registry: new Registry() },
    clock: () => time.nowMs,
    closing: closing.signal,
    eventLimits: { ...defaultEventLimits, recheckMs: 20, ...limits },
  });
  const server = await listen(createApp({ routes, log: quietLog() }), { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const urlOf = (view: string) => `${server.url}/v1/resources/${TENANT}/climate/views/${view}/events`;
  const read = async (...values: number[]) => {
    for (const value of values) {
      await host.push('t', Buffer.from(String(value)));
      time.nowMs += 1000;
    }
  };
  /** A stream that is there: nothing is told before. */
  const followed = async (view: string, ...more: string[]) => {
    const curl = runCurl(...more, urlOf(view));
    await eventually(() => {
      expect(curl.output()).toContain('retry: 1000');
    });
    return curl;
  };
  return { host, time, store, access, closing, urlOf, followed, read };
}

const valuesOf = (curl: { events(): readonly { data: unknown }[] }) =>
  curl.events().map(({ data }) => (data as { value: unknown }).value);

describe('events of a view', () => {
  test('are readings as they come, of its own input alone', async () => {
    const { host, followed, read } = await setUp();
    const curl = await followed('all', '-i');
    expect(curl.output()).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(curl.output()).toMatch(/\r\nContent-Type: text\/event-stream; charset=utf-8\r\n/i);
    expect(curl.output()).toMatch(/\r\nCache-Control: no-store\r\n/i);
    expect(curl.output()).toMatch(/\r\nVary: Accept\r\n/i);
    await read(1, 2);
    await host.push('note', Buffer.from('"other"'));
    await read(3);
    await eventually(() => {
      expect(valuesOf(curl)).toEqual([1, 2, 3]);
    });
    expect(curl.events()[0]?.data).toEqual({ time: '2026-01-01T00:00:00.000Z', value: 1 });
  });

  test('go on from Last-Event-ID, out of the store, without a gap and none twice', async () => {
    const { followed, read, store } = await setUp();
    const first = await followed('all');
    await read(1, 2);
    await eventually(() => {
      expect(valuesOf(first)).toEqual([1, 2]);
    });
    await first.stop();
    await read(...Array(250).keys());
    await store.commit();
    const second = await followed('all', '-H', `Last-Event-ID: ${first.events()[0]?.id ?? ''}`);
    await read(1000);
    await eventually(() => {
      expect(valuesOf(second)).toEqual([2, ...Array(250).keys(), 1000]);
    });
  });

  test('of a latest value begin with it, and tell nothing that is older', async () => {
    const { followed, read } = await setUp();
    await read(1, 2);
    const curl = await followed('now');
    await eventually(() => {
      expect(valuesOf(curl)).toEqual([2]);
    });
    await read(3);
    await eventually(() => {
      expect(valuesOf(curl)).toEqual([2, 3]);
    });
    const again = await followed('now', '-H', `Last-Event-ID: ${'0'.repeat(18)}`);
    const knowing = await followed('now', '-H', `Last-Event-ID: ${curl.events()[1]?.id ?? ''}`);
    await read(4);
    await eventually(() => {
      expect(valuesOf(again)).toEqual([3, 4]);
      expect(valuesOf(knowing)).toEqual([4]);
    });
  });

  test('of joined inputs are their state after each reading', async () => {
    const { host, followed, read } = await setUp();
    const curl = await followed('both');
    await read(1);
    await eventually(() => {
      expect(curl.events()).toHaveLength(1);
    });
    await host.push('note', Buffer.from('"hi"'));
    await eventually(() => {
      expect(curl.events().map(({ data }) => data)).toMatchObject([
        { latest: { t: { value: 1 }, note: null } },
        { latest: { t: { value: 1 }, note: { value: 'hi' } } },
      ]);
    });
  });

  test('of windows are those that ended, once each, also those that ended while nobody listened', async () => {
    const { time, followed, read } = await setUp();
    await read(1, 2);
    const curl = await followed('minutes');
    time.nowMs = START_MS + 60_000;
    await read(7);
    await eventually(() => {
      expect(curl.events()).toEqual([
        {
          id: START_MS.toString(16),
          data: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:01:00.000Z', count: 2, max: 2 },
        },
      ]);
    });
    await curl.stop();
    time.nowMs = START_MS + 240_000;
    await read(9);
    const again = await followed('minutes', '-H', `Last-Event-ID: ${curl.events()[0]?.id ?? ''}`);
    await eventually(() => {
      expect(again.events().map(({ data }) => data)).toMatchObject([{ max: 7 }]);
    });
    time.nowMs = START_MS + 300_000;
    await eventually(() => {
      expect(again.events().map(({ data }) => data)).toMatchObject([{ max: 7 }, { max: 9 }]);
    });
  });

  test('are refused as problems: a view that is not there, an id of somebody else, another type', async () => {
    const { urlOf } = await setUp();
    expect(await ask(urlOf('none'))).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    for (const [header, code] of [
      ['Last-Event-ID: ../..', 'SCHEMA'],
      ['Accept: application/json', 'NOT_ACCEPTABLE'],
    ] as const) {
      const curl = runCurl('-H', header, urlOf('all'));
      await curl.exited;
      expect(JSON.parse(curl.output())).toMatchObject({ code });
    }
  });

  test('end with the reason as soon as the caller may read no more', async () => {
    const { access, followed, read } = await setUp();
    const curl = await followed('all');
    access.isOpen = false;
    expect(await curl.exited).toBe(0);
    expect(curl.output()).toMatch(/event: problem\ndata: \{.*"code":"UNAUTHENTICATED".*\}\n\n$/);
    await read(1);
    expect(curl.events()).toEqual([]);
  });

  test('tell nothing after a revocation even before it is noticed by the clock', async () => {
    const { access, followed, read } = await setUp({ recheckMs: 60_000 });
    const curl = await followed('all');
    access.isOpen = false;
    await read(1);
    expect(await curl.exited).toBe(0);
    expect(curl.events()).toEqual([]);
  });

  test('end when the grant expires', async () => {
    const { access, time, followed } = await setUp();
    access.expiresAt = BigInt(START_MS / 1000 + 60);
    const curl = await followed('all');
    time.nowMs = START_MS + 60_000;
    expect(await curl.exited).toBe(0);
    expect(curl.output()).toContain('UNAUTHENTICATED');
  });

  test('end where the version stops, and where the edge closes', async () => {
    const { host, closing, followed } = await setUp();
    const first = await followed('minutes');
    closing.abort();
    expect(await first.exited).toBe(0);
    const other = await setUp();
    const second = await other.followed('all');
    await other.host.stop();
    expect(await second.exited).toBe(0);
    expect(second.output()).not.toContain('problem');
    await host.stop();
  });

  test('are kept alive by comments where nothing happens', async () => {
    const { followed } = await setUp({ heartbeatMs: 10 });
    const curl = await followed('all');
    await eventually(() => {
      expect(curl.output()).toMatch(/(?::\n\n){3}/);
    });
    expect(curl.events()).toEqual([]);
  });

  test('are for so many listeners of one caller and no more, until one leaves', async () => {
    const { urlOf, followed } = await setUp({ maxListenersPerCaller: 2 });
    const first = await followed('all');
    await followed('now');
    expect(await ask(urlOf('all'))).toMatchObject({ status: 429, body: { code: 'TOO_MANY' } });
    await first.stop();
    await eventually(async () => {
      expect(await statusOf(urlOf('all'))).toBe(200);
    });
  });

  test('are not waited for: a listener that takes nothing is cut, and readings go on meanwhile', async () => {
    const { host, followed, urlOf } = await setUp({ drainMs: 200, maxListenersPerCaller: 1, heartbeatMs: 50 });
    const slow = await followed('notes');
    slow.signal('SIGSTOP');
    const text = Buffer.from(JSON.stringify('x'.repeat(4000)));
    let longestMs = 0;
    await eventually(async () => {
      // Again and again more than the sockets' buffers hold.
      for (let count = 0; count < 500; count += 1) {
        const beginMs = performance.now();
        const pushing = host.push('note', text);
        longestMs = Math.max(longestMs, performance.now() - beginMs);
        if (count % 50 === 0) await pushing;
        else pushing.catch(() => undefined);
      }
      // The one place of this caller is free again only once the edge has cut the listener.
      expect(await statusOf(urlOf('notes'))).toBe(200);
    });
    // A reading is taken in one step, whoever listens; only another process can hold that up.
    expect(longestMs).toBeLessThan(2000);
    slow.signal('SIGCONT');
    expect(await slow.exited).not.toBe(0);
  });
});

/** The status of an answer whose body is left alone. */
async function statusOf(url: string): Promise<number> {
  const { statusCode, body } = await request(url);
  body.on('error', () => undefined).destroy();
  return statusCode;
}

describe('the count of listeners', () => {
  test('is bounded for all callers together, and each is let out once', () => {
    const count = createListenerCount({ maxListeners: 3, maxListenersPerCaller: 2 });
    const leave = count.enter('a');
    count.enter('a');
    expect(() => count.enter('a')).toThrow(expect.objectContaining({ code: 'TOO_MANY' }));
    count.enter('b');
    expect(() => count.enter('c')).toThrow(expect.objectContaining({ code: 'TOO_MANY' }));
    leave();
    leave();
    count.enter('c');
    expect(() => count.enter('d')).toThrow(expect.objectContaining({ code: 'TOO_MANY' }));
  });
});

describe('events of an edge', () => {
  test('end when the ledger revokes the grant, and go on over a new version from where they were', async () => {
    const site = await createSite();
    const dew = await startTestDew(site);
    await site.publish('climate', { inputs, views });
    dew.assign('climate');
    const edge = await startTestEdge(site, { dewUrls: [dew.url] });
    const id = resourceOf('climate');
    await site.do({
      type: 'set-grant',
      resource: id,
      subject: ANYONE,
      actions: ['read'],
      offline: false,
      expiresAt: NEVER,
    });
    const friend = accountSubject(walletOf(FRIEND).account);
    await site.do({
      type: 'set-grant',
      resource: id,
      subject: friend,
      actions: ['write'],
      offline: false,
      expiresAt: NEVER,
    });
    const base = `${edge.url}/v1/resources/${TENANT}/climate`;
    const push = async (value: number) => {
      await eventually(async () => {
        expect(await ask(`${base}/inputs/t`, signerOf(FRIEND), String(value))).toMatchObject({ status: 204 });
      });
    };
    await push(1);
    const first = runCurl(`${base}/views/all/events`);
    await eventually(() => {
      expect(first.output()).toContain('retry');
    });
    await push(2);
    await eventually(() => {
      expect(valuesOf(first)).toEqual([2]);
    });
    await site.publish('climate', { version: 2, inputs, views });
    expect(await first.exited).toBe(0);
    await push(3);
    const second = runCurl('-H', `Last-Event-ID: ${first.events()[0]?.id ?? ''}`, `${base}/views/all/events`);
    await eventually(() => {
      expect(valuesOf(second)).toEqual([3]);
    });
    const beginMs = performance.now();
    await site.do({ type: 'revoke-grant', resource: id, subject: ANYONE });
    expect(await second.exited).toBe(0);
    expect(performance.now() - beginMs).toBeLessThan(5000);
    expect(second.output()).toContain('"code":"UNAUTHENTICATED"');
    expect(await ask(`${base}/views/all/events`)).toMatchObject({ status: 401 });
  });
});

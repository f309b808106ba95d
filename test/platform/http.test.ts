import { Router, type RequestHandler } from 'express';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isSignedBy } from '../../cli/is-signed-by.ts';
import type { NonceStore } from '../../core/calls.ts';
import { DewproofError } from '../../core/errors.ts';
import { parseProblem } from '../../core/wire/problem.ts';
import { createCallVerifier } from '../../platform/calls/verify-call.ts';
import { authenticate, callOf, type AuthenticateOptions } from '../../platform/http/authenticate.ts';
import { createBodyBudget } from '../../platform/http/body-budget.ts';
import { createApp } from '../../platform/http/create-app.ts';
import { fetchCapped, type FetchCappedOptions } from '../../platform/http/fetch-capped.ts';
import { listen, type Listening, type ListenOptions } from '../../platform/http/listen.ts';
import { createLog } from '../../platform/log.ts';
import { sendRaw } from './raw-http.ts';
import { CHAIN_ID, signerOf, walletOf } from './wallets.ts';
import { eventually } from './eventually.ts';

const limits = { maxBytes: 100_000, minBytesPerSecond: 1, totalMs: 10_000 };

function memoryNonces(): NonceStore {
  const seen = new Set<string>();
  return { consume: (key) => Promise.resolve(!seen.has(key) && seen.add(key).has(key)) };
}

const verifyCall = createCallVerifier({ isSignedBy, nonces: memoryNonces(), clock: Date.now, chainId: CHAIN_ID });

interface Site extends Listening {
  readonly logged: string[];
}

async function serve(routes: Router, options: Partial<ListenOptions> = {}): Promise<Site> {
  const logged: string[] = [];
  const log = createLog({ name: 'test', level: 'info' }, { write: (line) => logged.push(line) });
  const server = await listen(createApp({ routes, log }), { host: '127.0.0.1', port: 0, ...options });
  onTestFinished(() => server.close({ graceMs: 0 }));
  return { ...server, logged };
}

/** A site whose one route answers who called and what they sent. */
async function echo(options: Partial<AuthenticateOptions> = {}, listening: Partial<ListenOptions> = {}): Promise<Site> {
  const guard = authenticate({ verifyCall, maxBodyBytes: 1000, ...options });
  const answer: RequestHandler = (_request, response) => {
    const { account, body } = callOf(response);
    response.json({ account: account ?? null, body: Buffer.from(body).toString() });
  };
  return serve(Router().use('/v1/echo', guard, answer), listening);
}

async function ask(url: string, options: Partial<FetchCappedOptions> = {}) {
  const response = await fetchCapped(url, { ...limits, ...options });
  const answer: unknown = JSON.parse(Buffer.from(response.body).toString());
  return { ...response, answer };
}

async function codeOf(url: string, options: Partial<FetchCappedOptions> = {}): Promise<string> {
  const { answer, headers, status } = await ask(url, options);
  expect(headers['content-type']).toContain('application/problem+json');
  const problem = parseProblem(answer);
  expect(problem.status).toBe(status);
  return problem.code;
}

describe('authenticate', () => {
  test.each([undefined, new TextEncoder().encode('hello')])('tells who signed a call', async (body) => {
    const { url } = await echo();
    const method = body === undefined ? 'GET' : 'PUT';
    const { answer } = await ask(`${url}/v1/echo?x=1`, { method, signer: signerOf(1), ...(body && { body }) });
    expect(answer).toEqual({ account: walletOf(1).account, body: body === undefined ? '' : 'hello' });
  });

  test('takes an unsigned call for anonymous', async () => {
    const { url } = await echo();
    expect((await ask(`${url}/v1/echo`)).answer).toEqual({ account: null, body: '' });
  });

  test.each([{ signature: 'eth=:AAAA:' }, { 'signature-input': 'eth=()' }, { signature: '', 'signature-input': '' }])(
    'never takes a call with a bad signature for anonymous: %o',
    async (headers) => {
      const { url } = await echo();
      expect(await codeOf(`${url}/v1/echo`, { headers })).toBe('UNAUTHENTICATED');
    },
  );

  test('refuses a verifier that understood nothing of a signature', async () => {
    const { url } = await echo({ verifyCall: () => Promise.resolve(undefined) });
    expect(await codeOf(`${url}/v1/echo`, { signer: signerOf(1) })).toBe('UNAUTHENTICATED');
  });

  test('refuses a call that was signed for another server', async () => {
    const { url } = await echo();
    const call = { method: 'GET', url: 'http://10.9.9.9:80/v1/echo'.replace(':80', ''), headers: {}, body: undefined };
    const headers = Object.entries(await signerOf(1).sign(call)).map(([name, value]) => `${name}: ${value}\r\n`);
    const answer = await sendRaw(
      url,
      `GET /v1/echo HTTP/1.1\r\nHost: 10.9.9.9\r\nConnection: close\r\n${headers.join('')}\r\n`,
    );
    expect(answer).toContain('"code":"UNAUTHENTICATED"');
  });

  test('answers to a name that it was told to', async () => {
    const { port, url } = await echo({ authorities: ['barn.local'] });
    const call = { method: 'GET', url: 'http://barn.local/v1/echo', headers: {}, body: undefined };
    const headers = Object.entries(await signerOf(1).sign(call)).map(([name, value]) => `${name}: ${value}\r\n`);
    const request = `GET /v1/echo HTTP/1.1\r\nHost: barn.local\r\nConnection: close\r\n${headers.join('')}\r\n`;
    expect(await sendRaw(url, request)).toContain(walletOf(1).account);
    expect((await ask(`http://localhost:${port}/v1/echo`, { signer: signerOf(1) })).status).toBe(200);
  });

  test('refuses a body that is announced, or turns out, too long', async () => {
    const { url } = await echo();
    const body = new Uint8Array(1001);
    expect(await codeOf(`${url}/v1/echo`, { method: 'PUT', body })).toBe('ENDLESS_DATA');
    const announced = 'PUT /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n';
    expect(await sendRaw(url, announced)).toContain('"code":"ENDLESS_DATA"');
    const chunked = 'PUT /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const answer = await sendRaw(url, chunked, ...Array.from({ length: 11 }, () => `64\r\n${'x'.repeat(100)}\r\n`));
    expect(answer).toContain('"code":"ENDLESS_DATA"');
  });

  test('closes the connection of a stream without end', async () => {
    const { url } = await echo();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const block = Buffer.alloc(1_000_000, 'x');
    socket.write('PUT /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n');
    let sent = 0;
    await new Promise<void>((resolve) => {
      const more = () => {
        while (!socket.destroyed && sent < 1e9 && socket.write(block)) sent += block.length;
      };
      socket
        .on('drain', more)
        .on('error', () => undefined)
        .on('close', () => {
          resolve();
        });
      more();
    });
    expect(sent).toBeLessThan(50e6);
  });

  test('refuses a body that does not arrive', async () => {
    const { url } = await echo({ bodyTimeoutMs: 50 });
    const answer = await sendRaw(url, 'PUT /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    expect(answer).toContain('"code":"SLOW_RETRIEVAL"');
  });

  test('refuses a packed body', async () => {
    const { url } = await echo();
    const options = { method: 'PUT', body: new Uint8Array(10), headers: { 'content-encoding': 'gzip' } } as const;
    expect(await codeOf(`${url}/v1/echo`, options)).toBe('UNSUPPORTED');
  });

  test('holds no more bodies at once than it may, and has room again later', async () => {
    const { url } = await echo({ bodies: createBodyBudget({ maxBytes: 1500 }), bodyTimeoutMs: 2000 });
    const body = new Uint8Array(1000);
    const waiting = sendRaw(url, 'PUT /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n', body.slice(1));
    await eventually(() => codeOrAnswer(`${url}/v1/echo`, body)).toBe('TIMEOUT');
    expect(await waiting).toContain('"code":"SLOW_RETRIEVAL"');
    await eventually(() => codeOrAnswer(`${url}/v1/echo`, body)).toBe('answer');
  });
});

test('bodies of several routes share what room there is', async () => {
  const bodies = createBodyBudget({ maxBytes: 1500 });
  const guard = () => authenticate({ verifyCall, maxBodyBytes: 1000, bodies, bodyTimeoutMs: 2000 });
  const answer: RequestHandler = (_request, response) => void response.json({});
  const { url } = await serve(Router().use('/v1/one', guard(), answer).use('/v1/other', guard(), answer));
  const body = new Uint8Array(1000);
  const waiting = sendRaw(url, 'PUT /v1/one HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n', body.slice(1));
  await eventually(() => codeOrAnswer(`${url}/v1/other`, body)).toBe('TIMEOUT');
  expect(await waiting).toContain('"code":"SLOW_RETRIEVAL"');
});

async function codeOrAnswer(url: string, body: Uint8Array): Promise<string> {
  const { status, answer } = await ask(url, { method: 'PUT', body });
  return status === 200 ? 'answer' : parseProblem(answer).code;
}

describe('problems', () => {
  test('of a path that is not there', async () => {
    const { url } = await echo();
    expect(await codeOf(`${url}/v1/nothing`)).toBe('NOT_FOUND');
  });

  test('of a path that can not be decoded', async () => {
    const { url } = await serve(Router().get('/v1/:name', (_request, response) => void response.json({})));
    expect(await codeOf(`${url}/v1/%zz`)).toBe('SCHEMA');
  });

  test('that nobody foresaw tell nothing and are logged', async () => {
    const routes = Router().get('/v1/fail', () => {
      throw new Error('password is swordfish');
    });
    const { url, logged } = await serve(routes);
    const { answer, status } = await ask(`${url}/v1/fail`);
    expect(status).toBe(500);
    expect(parseProblem(answer).code).toBe('INTERNAL');
    expect(JSON.stringify(answer)).not.toContain('swordfish');
    expect(logged.join('')).toContain('swordfish');
  });

  test('that pass say when to come back', async () => {
    const routes = Router().get('/v1/behind', () => {
      throw new DewproofError('LEDGER_BEHIND', 'not yet');
    });
    const { url } = await serve(routes);
    expect((await ask(`${url}/v1/behind`)).headers['retry-after']).toMatch(/^\d+$/);
  });

  test('come with safe headers', async () => {
    const { url } = await echo();
    const { headers } = await ask(`${url}/v1/nothing`);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('of a route without authenticate are defects, not open doors', async () => {
    const routes = Router().get('/v1/open', (_request, response) => void response.json(callOf(response)));
    const { url } = await serve(routes);
    expect(await codeOf(`${url}/v1/open`)).toBe('INTERNAL');
  });
});

describe('listen', () => {
  test('says that a port is taken', async () => {
    const { port } = await echo();
    await expect(echo({}, { port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });

  test('says that an address is not of this machine', async () => {
    await expect(echo({}, { host: '203.0.113.1' })).rejects.toMatchObject({ code: 'CONFIG' });
  });

  test('cuts headers that do not arrive', async () => {
    const { url } = await echo({}, { headersTimeoutMs: 100 });
    expect(await sendRaw(url, 'GET /v1/echo HTTP/1.1\r\nHost: x\r\nX-Slow: ')).toContain('408');
  });

  test('cuts headers without end', async () => {
    const { url } = await echo();
    const request = `GET /v1/echo HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await sendRaw(url, request)).toContain('431');
  });

  test('cuts who does not take an answer', async () => {
    const cut: boolean[] = [];
    const routes = Router().get('/v1/large', (_request, response) => {
      response.once('close', () => cut.push(!response.writableFinished));
      response.send(Buffer.alloc(40_000_000));
    });
    const { url } = await serve(routes, { slowest: { bytesPerSecond: 1e9, graceMs: 100 } });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname).pause();
    onTestFinished(() => void socket.destroy());
    socket.write('GET /v1/large HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => Promise.resolve(cut)).toEqual([true]);
  });

  test('leaves who takes an answer bit by bit its time', async () => {
    const routes = Router().get('/v1/large', (_request, response) => void response.send(Buffer.alloc(40_000_000)));
    const { url } = await serve(routes, { slowest: { bytesPerSecond: 1e6, graceMs: 10 } });
    const { body } = await fetchCapped(`${url}/v1/large`, { ...limits, maxBytes: 50_000_000, totalMs: 60_000 });
    expect(body).toHaveLength(40_000_000);
  });

  test('takes no more connections than it may', async () => {
    const { url } = await echo({}, { maxConnections: 1 });
    const { hostname, port } = new URL(url);
    const first = connect(Number(port), hostname);
    await new Promise((resolve) => first.once('connect', resolve));
    expect(await sendRaw(url, 'GET /v1/echo HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
    first.destroy();
  });

  test('lets a running request finish when it closes, and cuts one that does not', async () => {
    const answers = new Map<string, () => void>();
    const routes = Router().get('/v1/slow/:which', ({ params }, response) => {
      answers.set(params.which, () => void response.json({ finished: true }));
    });
    const server = await serve(routes);
    const [first, second] = [ask(`${server.url}/v1/slow/first`), ask(`${server.url}/v1/slow/second`)];
    second.catch(() => undefined);
    await eventually(() => answers.size).toBe(2);
    const closed = server.close({ graceMs: 200 });
    answers.get('first')?.();
    expect((await first).answer).toEqual({ finished: true });
    await closed;
    await expect(second).rejects.toMatchObject({ code: 'DEW_UNAVAILABLE' });
  });
});

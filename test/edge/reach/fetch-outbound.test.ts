import type { IncomingMessage, RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOutbound, type OutboundDeps } from '../../../edge/reach/fetch-outbound.ts';
import { isPublicAddress } from '../../../edge/reach/public-address.ts';
import { verifyOutbound } from '../../../edge/reach/verify-outbound.ts';
import { resource } from '../../core/support/samples.ts';
import { serve } from '../../support/serve.ts';

const request = { method: 'GET', headers: {}, body: undefined } as const;

async function servedAt(listener: RequestListener): Promise<number> {
  const { url, close } = await serve(listener);
  onTestFinished(close);
  return Number(new URL(url).port);
}

function open(deps: OutboundDeps = {}) {
  const outbound = createOutbound(deps);
  onTestFinished(() => outbound.close());
  return outbound;
}

describe('which addresses a resource may call', () => {
  const outbound = ['https://weather.example/v1/', 'http://10.0.7.9:8080/api', 'https://maps.example/q?zone=7'];

  test.each([
    'https://weather.example/v1/',
    'https://weather.example/v1/rain?zone=7#part',
    'https://weather.example:443/v1/rain',
    'HTTPS://WEATHER.EXAMPLE/v1/../v1/rain',
    'http://10.0.7.9:8080/api',
    'http://10.0.7.9:8080/api/x',
    'https://maps.example/q?zone=7',
  ])('takes %s', (url) => {
    expect(verifyOutbound(url, { outbound })).toBeInstanceOf(URL);
  });

  test.each([
    ['another path', 'https://weather.example/'],
    ['a path that only begins alike', 'http://10.0.7.9:8080/apis'],
    ['the folder without its slash', 'https://weather.example/v1'],
    ['a way up', 'https://weather.example/v1/../admin'],
    ['an encoded way up', 'https://weather.example/v1/%2e%2e/admin'],
    ['an encoded slash', 'https://weather.example/v1/..%2fadmin'],
    ['a way up with parameters', 'https://weather.example/v1/..;/admin'],
    ['another scheme', 'http://weather.example/v1/'],
    ['another port', 'https://weather.example:444/v1/'],
    ['another host', 'https://weather.example.evil/v1/'],
    ['a host before an at sign', 'https://weather.example@evil.example/v1/'],
    ['credentials', 'https://user:word@weather.example/v1/'],
    ['a trailing dot', 'https://weather.example./v1/'],
    ['another query of one that is whole', 'https://maps.example/q?zone=8'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:text/plain,hello'],
    ['a relative URL', '/v1/'],
    ['nothing', ''],
  ])('refuses %s', (_, url) => {
    expect(() => verifyOutbound(url, { outbound })).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });
});

describe('which addresses are public', () => {
  test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.9.9.9', '169.254.169.254', '172.16.0.1', '172.31.9.9'],
    ...['192.168.1.1', '224.0.0.1', '255.255.255.255', '198.18.0.1', '::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8'],
    ...['fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', 'fe80::1%lo'],
    ...['::127.0.0.1', 'localhost', '', '127.1'],
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('fetching for a resource', () => {
  test('asks an address that the document names as such, however private', async () => {
    const seen: IncomingMessage[] = [];
    const port = await servedAt((message, response) => {
      seen.push(message);
      response.setHeader('content-type', 'text/plain');
      message.pipe(response);
    });
    const barn = resource({ outbound: [`http://127.0.0.1:${port}/v1/`] });
    const answer = await open().fetch(barn, {
      url: `http://127.0.0.1:${port}/v1/echo?a=1`,
      method: 'POST',
      headers: { 'x-key': 'k' },
      body: 'höhe',
    });
    expect(answer).toMatchObject({ status: 200, body: 'höhe', headers: { 'content-type': 'text/plain' } });
    expect(seen[0]).toMatchObject({ url: '/v1/echo?a=1', method: 'POST' });
    expect(seen[0]?.headers['x-key']).toBe('k');
  });

  test.each([['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['::1'], ['::ffff:127.0.0.1'], ['fe80::1'], ['169.254.169.254']])(
    'refuses a name that leads to %s',
    async (...addresses) => {
      let isAsked = false;
      const port = await servedAt(() => {
        isAsked = true;
      });
      const resolve = () =>
        Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
      const barn = resource({ outbound: [`http://weather.example:${port}/`] });
      const asking = open({ resolve }).fetch(barn, { ...request, url: `http://weather.example:${port}/` });
      await expect(asking).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(isAsked).toBe(false);
    },
  );

  test('refuses localhost, which the system resolves', async () => {
    const port = await servedAt((_, response) => response.end('secret'));
    const barn = resource({ outbound: [`http://localhost:${port}/`] });
    const asking = open().fetch(barn, { ...request, url: `http://localhost:${port}/` });
    await expect(asking).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('connects to the very address that was checked: a name that changes meanwhile changes nothing', async () => {
    const port = await servedAt((_, response) => response.end('checked'));
    const checked: string[] = [];
    let asked = 0;
    const outbound = open({
      resolve: () => {
        asked += 1;
        return Promise.resolve([{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
      },
      isPublic: (address) => {
        checked.push(address);
        return address === '127.0.0.1';
      },
    });
    const barn = resource({ outbound: [`http://weather.example:${port}/`] });
    const answer = await outbound.fetch(barn, { ...request, url: `http://weather.example:${port}/` });
    expect(answer.body).toBe('checked');
    expect(checked).toEqual(['127.0.0.1']);
  });

  test('hands out redirects and follows none', async () => {
    const asked: string[] = [];
    const port = await servedAt(({ url = '' }, response) => {
      asked.push(url);
      response.writeHead(302, { location: 'http://127.0.0.1/admin' }).end();
    });
    const barn = resource({ outbound: [`http://127.0.0.1:${port}/v1/`] });
    const answer = await open().fetch(barn, { ...request, url: `http://127.0.0.1:${port}/v1/` });
    expect(answer).toMatchObject({ status: 302, headers: { location: 'http://127.0.0.1/admin' } });
    expect(asked).toEqual(['/v1/']);
  });

  test('ends what has no end, by size, by time and by count', async () => {
    const waiting = Promise.withResolvers<undefined>();
    const timedOut = expect.objectContaining({ code: 'TIMEOUT' }) as Error;
    const port = await servedAt(({ url = '' }, response) => {
      if (url === '/large') response.end(Buffer.alloc(200_000, 'x'));
      else if (url === '/headers') response.writeHead(200, { 'x-long': 'y'.repeat(20_000) }).end();
      else if (url === '/drip') response.write('x');
      else waiting.resolve(undefined);
    });
    const barn = resource({ outbound: [`http://127.0.0.1:${port}/`] });
    const outbound = open({ totalMs: 2000 });
    const ask = (path: string) => outbound.fetch(barn, { ...request, url: `http://127.0.0.1:${port}${path}` });
    await expect(ask('/large')).rejects.toMatchObject({ code: 'ENDLESS_DATA' });
    await expect(ask('/headers')).rejects.toMatchObject({ code: 'ENDLESS_DATA' });
    await expect(ask('/drip')).rejects.toMatchObject({ code: 'SLOW_RETRIEVAL' });
    const asking = Promise.allSettled([ask('/never'), ask('/never'), ask('/never'), ask('/never')]);
    await waiting.promise;
    await expect(ask('/never')).rejects.toMatchObject({ code: 'UNHEALTHY' });
    expect(await asking).toEqual(Array.from({ length: 4 }, () => ({ status: 'rejected', reason: timedOut })));
    await expect(ask('/large')).rejects.toMatchObject({ code: 'ENDLESS_DATA' });
  });

  test.each([
    ['a header of the connection', { headers: { Host: 'evil' } }, 'FORBIDDEN'],
    ['a header with a line end', { headers: { 'x-a': 'b\r\nhost: evil' } }, 'SCHEMA'],
    ['a name that is none', { headers: { 'a b': 'c' } }, 'SCHEMA'],
    ['headers without end', { headers: { 'x-a': 'b'.repeat(9_000) } }, 'SCHEMA'],
    ['a GET with a body', { body: 'x' }, 'SCHEMA'],
    ['a body without end', { method: 'POST', body: 'x'.repeat(70_000) }, 'ENDLESS_DATA'],
  ])('refuses %s', async (_, part, code) => {
    const barn = resource({ outbound: ['http://127.0.0.1:9/'] });
    const asking = open().fetch(barn, { ...request, url: 'http://127.0.0.1:9/', ...(part as object) });
    await expect(asking).rejects.toMatchObject({ code });
  });

  test('says where nobody answers', async () => {
    const barn = resource({ outbound: ['http://127.0.0.1:9/'] });
    const asking = open().fetch(barn, { ...request, url: 'http://127.0.0.1:9/' });
    await expect(asking).rejects.toMatchObject({ code: 'UNHEALTHY' });
  });
});

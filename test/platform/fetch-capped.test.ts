import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { fetchCapped, type FetchCappedOptions } from '../../platform/http/fetch-capped.ts';
import { hostileServer } from './raw-http.ts';

const limits = { maxBytes: 1000, minBytesPerSecond: 1, totalMs: 60_000 };
const ok = 'HTTP/1.1 200 OK\r\n';

async function askHostile(
  onConnection: Parameters<typeof hostileServer>[0],
  options: Partial<FetchCappedOptions> = {},
) {
  return fetchCapped(await hostileServer(onConnection), { ...limits, ...options });
}

describe('fetchCapped', () => {
  test('answers status, headers and body', async () => {
    const response = await askHostile((socket) => socket.end(`${ok}ETag: "a"\r\nContent-Length: 2\r\n\r\nhi`));
    expect(response).toMatchObject({ status: 200, headers: { etag: '"a"' } });
    expect(Buffer.from(response.body).toString()).toBe('hi');
  });

  test('takes a body as long as allowed', async () => {
    const { body } = await askHostile((socket) => socket.end(`${ok}Content-Length: 1000\r\n\r\n${'x'.repeat(1000)}`));
    expect(body).toHaveLength(1000);
  });

  test('refuses a body that is announced too long, before any of it', async () => {
    const answer = askHostile((socket) => socket.write(`${ok}Content-Length: 10000000000\r\n\r\n`));
    await expect(answer).rejects.toMatchObject({ code: 'ENDLESS_DATA' });
  });

  test('refuses a body without end while it comes', async () => {
    const block = Buffer.alloc(65_536);
    let sent = 0;
    const answer = askHostile((socket) => {
      socket.write(`${ok}\r\n`);
      const more = () => {
        while (!socket.destroyed && sent < 1e9 && socket.write(block)) sent += block.length;
      };
      socket.on('drain', more);
      more();
    });
    await expect(answer).rejects.toMatchObject({ code: 'ENDLESS_DATA' });
    expect(sent).toBeLessThan(20e6);
  });

  test('refuses headers without end', async () => {
    const answer = askHostile((socket) => socket.write(`${ok}X-Long: ${'x'.repeat(100_000)}`));
    await expect(answer).rejects.toMatchObject({ code: 'ENDLESS_DATA' });
  });

  test('refuses a trickle', async () => {
    const answer = askHostile(
      (socket) => {
        socket.write(`${ok}Content-Length: 900\r\n\r\n`);
        const timer = setInterval(() => socket.write('x'), 20);
        socket.on('close', () => {
          clearInterval(timer);
        });
      },
      { minBytesPerSecond: 1000, graceMs: 100, totalMs: 60_000 },
    );
    await expect(answer).rejects.toMatchObject({ code: 'SLOW_RETRIEVAL' });
  });

  test('refuses what is not whole by the deadline', async () => {
    // Time enough for the head to arrive.
    const options = { totalMs: 2000, minBytesPerSecond: 0 };
    const answer = askHostile((socket) => socket.write(`${ok}Content-Length: 900\r\n\r\nx`), options);
    await expect(answer).rejects.toMatchObject({ code: 'SLOW_RETRIEVAL' });
  });

  test.each([
    ['says nothing', () => undefined],
    ['hangs up', (socket: Socket) => socket.destroy()],
    ['talks nonsense', (socket: Socket) => socket.end('hello\r\n\r\n')],
  ])('calls a server unavailable that %s', async (_what, onConnection) => {
    const answer = askHostile(onConnection, {
      totalMs: 200,
      unavailable: 'LEDGER_UNAVAILABLE',
    });
    await expect(answer).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });

  test('calls a server unavailable that is not there, and one that cuts its answer short', async () => {
    await expect(fetchCapped('http://127.0.0.1:1/', limits)).rejects.toMatchObject({ code: 'DEW_UNAVAILABLE' });
    const cut = askHostile((socket) => socket.end(`${ok}Content-Length: 900\r\n\r\nx`));
    await expect(cut).rejects.toMatchObject({ code: 'DEW_UNAVAILABLE' });
  });

  test('follows no redirect', async () => {
    let asked = 0;
    const target = await hostileServer((socket) => {
      asked += 1;
      socket.end(`${ok}\r\n`);
    });
    const response = await askHostile((socket) =>
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${target}/\r\nContent-Length: 0\r\n\r\n`),
    );
    expect(response.status).toBe(302);
    expect(asked).toBe(0);
  });

  test('stops when told to, with the reason given', async () => {
    const stop = new AbortController();
    const answer = askHostile(
      () => {
        stop.abort(new Error('enough'));
      },
      { signal: stop.signal },
    );
    await expect(answer).rejects.toThrow('enough');
  });
});

import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { callDaemon, followDaemon } from '../../platform/control/control-client.ts';
import { startControlServer } from '../../platform/control/control-server.ts';
import { logStream } from '../../platform/control/log-stream.ts';
import { controlSocketPath } from '../../platform/control/socket-path.ts';
import { createLog } from '../../platform/log.ts';
import { createLogRing } from '../../platform/log-ring.ts';
import { eventually } from './eventually.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function setUp() {
  const ring = createLogRing();
  const log = createLog({ name: 'edge', level: 'trace' }, ring);
  const folder = temporaryFolder();
  const commands = { status: () => Promise.resolve('well') };
  const server = await startControlServer({ folder, commands, streams: { logs: logStream(ring) }, log });
  onTestFinished(() => server.close());
  const over = new AbortController();
  onTestFinished(() => {
    over.abort();
  });
  const follow = (input?: unknown) => followDaemon({ folder, command: 'logs', input }, over.signal);
  const read = async (input?: unknown) => {
    const messages: unknown[] = [];
    for await (const item of follow(input)) messages.push((item as { msg?: string }).msg ?? item);
    return messages;
  };
  return { log, folder, server, over, follow, read };
}

describe('the control stream of a log', () => {
  test('answers what there is: all, of one resource, as grave, since a moment, the newest', async () => {
    const { log, read } = await setUp();
    log.debug('began');
    log.info({ resource: 'greenfields/climate' }, 'climate runs');
    log.error({ resource: 'greenfields/light' }, 'light broke');
    log.info({ resource: 'other/climate' }, 'other runs');
    expect(await read()).toEqual(['began', 'climate runs', 'light broke', 'other runs']);
    expect(await read({ resource: 'greenfields/climate' })).toEqual(['climate runs']);
    expect(await read({ resource: 'climate' })).toEqual(['climate runs', 'other runs']);
    expect(await read({ resource: 'mate' })).toEqual([]);
    expect(await read({ level: 'info', lines: 2 })).toEqual(['light broke', 'other runs']);
    expect(await read({ level: 'error' })).toEqual(['light broke']);
    expect(await read({ lines: 0 })).toEqual([]);
    expect(await read({ sinceMs: Date.now() + 60_000 })).toEqual([]);
  });

  test.each([{ level: 'loud' }, { resource: 'A/b/c' }, { resource: '../x' }, { lines: -1 }, { unknown: 1 }, [], 'x'])(
    'refuses %o',
    async (input) => {
      const { read } = await setUp();
      await expect(read(input)).rejects.toMatchObject({ code: 'SCHEMA' });
    },
  );

  test('follows, and ends where its reader leaves', async () => {
    const { log, follow, over } = await setUp();
    log.info('old');
    const items = follow({ follow: true });
    expect(await items.next()).toMatchObject({ value: { msg: 'old' } });
    const news = items.next();
    log.info('new');
    expect(await news).toMatchObject({ value: { msg: 'new' } });
    const last = items.next();
    over.abort();
    expect(await last).toMatchObject({ done: true });
  });

  test('does not keep a daemon from stopping, and ends in order', async () => {
    const { log, follow, server } = await setUp();
    log.info('old');
    const items = follow({ follow: true });
    await items.next();
    const last = items.next();
    await server.close();
    expect(await last).toMatchObject({ done: true });
  });

  test('of a reader that reads nothing neither holds a daemon nor its memory', async () => {
    const { log, folder, server } = await setUp();
    const socket = connect(controlSocketPath(folder));
    onTestFinished(() => {
      socket.destroy();
    });
    socket.on('error', () => undefined).pause();
    socket.write('POST /v1/logs HTTP/1.1\r\nhost: daemon\r\ncontent-length: 15\r\n\r\n{"follow":true}');
    for (let index = 0; index < 20_000; index += 1) log.info({ padding: 'x'.repeat(200) }, `line ${index}`);
    expect(await callDaemon({ folder, command: 'status' })).toBe('well');
    const begunMs = performance.now();
    await server.close();
    expect(performance.now() - begunMs).toBeLessThan(5000);
  });

  test('tells a slow reader how much it missed', async () => {
    const { log, follow } = await setUp();
    log.info('first');
    const items = follow({ follow: true });
    await items.next();
    // In one go: nothing can be sent meanwhile.
    for (let index = 0; index < 20_000; index += 1) log.info(`line ${index}`);
    const { value } = (await items.next()) as { value: { dropped: number } };
    expect(value.dropped).toBeGreaterThan(10_000);
  });

  test('is for 16 readers at once, and commands are heard nevertheless', async () => {
    const { log, folder, follow } = await setUp();
    log.info('x');
    const readers = Array.from({ length: 16 }, () => follow({ follow: true }));
    await Promise.all(readers.map((reader) => reader.next()));
    await expect(follow({ follow: true }).next()).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await callDaemon({ folder, command: 'status' })).toBe('well');
    await readers[0]?.return(undefined);
    await eventually(async () => (await follow({ follow: true }).next()).done).toBe(false);
  });

  test('of no daemon is DAEMON_UNAVAILABLE', async () => {
    const signal = new AbortController().signal;
    const items = followDaemon({ folder: temporaryFolder(), command: 'logs' }, signal);
    await expect(items.next()).rejects.toMatchObject({ code: 'DAEMON_UNAVAILABLE' });
  });
});

import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DewproofError } from '../../core/errors.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { startControlServer, type ControlCommands } from '../../platform/control/control-server.ts';
import { createLog } from '../../platform/log.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { eventually } from './eventually.ts';

const log = createLog({ name: 'test', level: 'silent' }, { write: () => undefined });

async function daemon(commands: ControlCommands = {}, folder = temporaryFolder()): Promise<string> {
  const server = await startControlServer({ folder, commands, log });
  onTestFinished(() => server.close());
  return folder;
}

describe('the control socket', () => {
  test('runs commands', async () => {
    const folder = await daemon({ double: (input) => Promise.resolve({ doubled: Number(input) * 2 }) });
    expect(await callDaemon({ folder, command: 'double', input: 21 })).toEqual({ doubled: 42 });
  });

  test('takes no input for undefined and answers nothing as null', async () => {
    const folder = await daemon({ stop: (input) => Promise.resolve(input) });
    expect(await callDaemon({ folder, command: 'stop' })).toBeNull();
  });

  test("passes the daemon's own codes on", async () => {
    const folder = await daemon({ fail: () => Promise.reject(new DewproofError('CONFLICT', 'already so')) });
    await expect(callDaemon({ folder, command: 'fail' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test.each(['nothing', 'constructor', '__proto__', '../../x'])('has no command %s', async (command) => {
    const folder = await daemon({ other: () => Promise.resolve(1) });
    await expect(callDaemon({ folder, command })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('can be opened by its own user only, from the first moment on', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const folder = await daemon();
    expect(statSync(join(folder, 'control.sock')).mode & 0o777).toBe(0o600);
    expect(process.umask(0)).toBe(0);
  });

  test('is refused to a second daemon', async () => {
    const folder = await daemon({ who: () => Promise.resolve('first') });
    await expect(daemon({}, folder)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    expect(await callDaemon({ folder, command: 'who' })).toBe('first');
  });

  test('of a killed daemon is replaced', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'control.sock');
    const killed = spawn(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(path)})`]);
    await eventually(() => existsSync(path)).toBe(true);
    const gone = new Promise((resolve) => killed.once('exit', resolve));
    killed.kill('SIGKILL');
    await gone;
    await expect(callDaemon({ folder, command: 'who' })).rejects.toMatchObject({ code: 'DAEMON_UNAVAILABLE' });
    await daemon({ who: () => Promise.resolve('second') }, folder);
    expect(await callDaemon({ folder, command: 'who' })).toBe('second');
  });

  test('of no daemon is DAEMON_UNAVAILABLE', async () => {
    const folder = temporaryFolder();
    await expect(callDaemon({ folder, command: 'who' })).rejects.toMatchObject({ code: 'DAEMON_UNAVAILABLE' });
  });

  test('of a daemon that hangs is DAEMON_UNAVAILABLE in time', async () => {
    const folder = await daemon({ hang: () => new Promise(() => undefined) });
    const call = callDaemon({ folder, command: 'hang', timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ code: 'DAEMON_UNAVAILABLE' });
  });

  test('in a folder with too long a name is a matter of configuration', async () => {
    const folder = join(temporaryFolder(), 'x'.repeat(100));
    await expect(daemon({}, folder)).rejects.toMatchObject({ code: 'CONFIG' });
    await expect(callDaemon({ folder, command: 'who' })).rejects.toMatchObject({ code: 'CONFIG' });
  });

  test('refuses what is no JSON', async () => {
    const folder = await daemon({ echo: (input) => Promise.resolve(input) });
    const dispatcher = new Client('http://daemon', { socketPath: join(folder, 'control.sock') });
    onTestFinished(() => dispatcher.destroy());
    const { body } = await dispatcher.request({ method: 'POST', path: '/v1/echo', body: '{"a":' });
    expect(await body.json()).toMatchObject({ code: 'SCHEMA' });
  });
});

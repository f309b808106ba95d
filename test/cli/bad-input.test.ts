import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ErrorCode } from '../../core/errors.ts';
import { resourceYaml } from './documents.ts';
import { configYaml, makeHome, type HomeFiles } from './home-fixture.ts';
import { runDewproof } from './run-dewproof.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ACCOUNT = `0x${'22'.repeat(20)}`;

interface Case {
  readonly what: string;
  readonly words: readonly string[];
  readonly code: ErrorCode;
  readonly exitCode: number;
  /** Written to a file whose path stands for FILE among the words. */
  readonly file?: string | Buffer;
  readonly home?: HomeFiles;
}

const apply = ['apply', '-f', 'FILE'];
const deep = `{${'"a":{'.repeat(40)}${'}'.repeat(40)}}`;
const circle = `${resourceYaml({ name: 'a', requires: ['b'] })}---\n${resourceYaml({ name: 'b', requires: ['a'] })}`;

const cases: readonly Case[] = [
  // The command line.
  { what: 'no such command', words: ['aply'], code: 'USAGE', exitCode: 64 },
  { what: 'no such option', words: ['get', 'resources', '--wide'], code: 'USAGE', exitCode: 64 },
  { what: 'a missing argument', words: ['revoke'], code: 'USAGE', exitCode: 64 },
  { what: 'one argument too many', words: ['status', 'now'], code: 'USAGE', exitCode: 64 },
  { what: 'no such output format', words: ['get', 'resources', '-o', 'xml'], code: 'USAGE', exitCode: 64 },
  { what: 'a name that is none', words: ['revoke', 'Barn_7'], code: 'USAGE', exitCode: 64 },
  { what: 'an account that is none', words: ['device', 'suspend', '0x12'], code: 'USAGE', exitCode: 64 },
  {
    what: 'an expiry that is none',
    words: ['role', 'set', 'grower', ACCOUNT, '--expires', 'soon'],
    code: 'USAGE',
    exitCode: 64,
  },
  {
    what: 'an action that is none',
    words: ['policy', 'grant', '--anyone', '--any-resource', '--actions', 'eat'],
    code: 'USAGE',
    exitCode: 64,
  },
  {
    what: 'options that exclude each other',
    words: ['policy', 'grant', '--anyone', '--role', 'a', '--any-resource', '--actions', 'read'],
    code: 'USAGE',
    exitCode: 64,
  },
  { what: 'a port that is none', words: ['edge', 'start', '--port', '70000'], code: 'USAGE', exitCode: 64 },
  { what: 'a witness whose name is none', words: ['witness', 'init', 'North 1'], code: 'USAGE', exitCode: 64 },
  { what: 'a version that is none', words: ['revoke', 'a', '--version', '0'], code: 'USAGE', exitCode: 64 },
  { what: 'a device described by name', words: ['describe', 'device', 'barn'], code: 'USAGE', exitCode: 64 },
  // Documents.
  { what: 'malformed YAML', words: apply, file: 'a: [', code: 'SCHEMA', exitCode: 1 },
  { what: 'a YAML alias', words: apply, file: 'a: &a 1\nb: *a\n', code: 'SCHEMA', exitCode: 1 },
  { what: 'a document that nests too deep', words: apply, file: deep, code: 'TOO_DEEP', exitCode: 1 },
  { what: 'a document over size', words: apply, file: `a: ${'x'.repeat(300_000)}`, code: 'ENDLESS_DATA', exitCode: 77 },
  { what: 'a file over size', words: apply, file: Buffer.alloc(5_000_000, 'x'), code: 'ENDLESS_DATA', exitCode: 77 },
  { what: 'bytes that are no text', words: apply, file: Buffer.from([0xff, 0xfe, 0x00]), code: 'SCHEMA', exitCode: 1 },
  {
    what: 'an unknown kind',
    words: apply,
    file: resourceYaml().replace('VirtualResource', 'Deployment'),
    code: 'SCHEMA',
    exitCode: 1,
  },
  {
    what: "another tenant's document",
    words: apply,
    file: resourceYaml().replace('greenfields', 'other'),
    code: 'SCHEMA',
    exitCode: 1,
  },
  { what: 'resources that require each other', words: apply, file: circle, code: 'CYCLE', exitCode: 1 },
  {
    what: 'what no edge acts on',
    words: apply,
    file: `${resourceYaml()}  exclusive: true\n`,
    code: 'UNSUPPORTED',
    exitCode: 1,
  },
  { what: 'a file that is not there', words: ['apply', '-f', '/nowhere/a.yaml'], code: 'USAGE', exitCode: 64 },
  { what: 'an empty file', words: apply, file: '# nothing\n', code: 'USAGE', exitCode: 64 },
  {
    what: 'a profile where a resource stands',
    words: ['device', 'enrol', ACCOUNT, '--group', 'a', '--profile', 'FILE'],
    file: resourceYaml(),
    code: 'SCHEMA',
    exitCode: 1,
  },
  { what: 'a document to verify that is not there', words: ['verify', './nowhere.json'], code: 'USAGE', exitCode: 64 },
  // The home.
  { what: 'no home', words: ['get', 'resources'], home: { config: undefined }, code: 'CONFIG', exitCode: 78 },
  {
    what: 'a config that is no YAML',
    words: ['get', 'resources'],
    home: { config: 'a: [' },
    code: 'CONFIG',
    exitCode: 78,
  },
  {
    what: 'a config with an unknown field',
    words: ['get', 'resources'],
    home: { config: configYaml('role: user\ndew: x') },
    code: 'CONFIG',
    exitCode: 78,
  },
  {
    what: 'a config for no known role',
    words: ['get', 'resources'],
    home: { config: configYaml('role: fog') },
    code: 'CONFIG',
    exitCode: 78,
  },
  { what: 'no anchor', words: ['get', 'resources'], home: { anchor: undefined }, code: 'CONFIG', exitCode: 78 },
  { what: 'an anchor that is none', words: ['get', 'resources'], home: { anchor: '{}' }, code: 'CONFIG', exitCode: 78 },
  { what: 'no key', words: ['revoke', 'a'], home: { keystore: undefined }, code: 'KEY_MISSING', exitCode: 78 },
  { what: 'a key that is none', words: ['revoke', 'a'], home: { keystore: '{}' }, code: 'SCHEMA', exitCode: 1 },
  {
    what: 'a wrong password',
    words: ['revoke', 'a'],
    home: { password: 'wrong' },
    code: 'WRONG_PASSWORD',
    exitCode: 78,
  },
  { what: 'an empty password', words: ['revoke', 'a'], home: { password: '\n' }, code: 'CONFIG', exitCode: 78 },
  {
    what: 'no password and no terminal',
    words: ['revoke', 'a'],
    home: { password: undefined },
    code: 'CONFIG',
    exitCode: 78,
  },
  {
    what: 'a password file that is not there',
    words: ['revoke', 'a', '--password-file', '/nowhere'],
    code: 'CONFIG',
    exitCode: 78,
  },
  { what: 'a second key over the first', words: ['init', '--generate-password'], code: 'CONFLICT', exitCode: 1 },
  {
    what: 'a second tenant over the first',
    words: ['tenant', 'create', 'a', '--url', 'http://127.0.0.1:9', '--admin', ACCOUNT],
    code: 'CONFLICT',
    exitCode: 1,
  },
  { what: 'an edge of no group', words: ['edge', 'start'], code: 'CONFIG', exitCode: 78 },
  // The world around.
  { what: 'an unreachable node, reading', words: ['get', 'resources'], code: 'LEDGER_UNAVAILABLE', exitCode: 69 },
  {
    what: 'an unreachable node, writing',
    words: ['policy', 'revoke', '--anyone', '--any-resource', '--yes'],
    code: 'LEDGER_UNAVAILABLE',
    exitCode: 69,
  },
  {
    what: 'an unreachable edge',
    words: ['call', '--anonymous', 'http://127.0.0.1:9/v1'],
    code: 'DEW_UNAVAILABLE',
    exitCode: 69,
  },
  { what: 'no daemon', words: ['status'], code: 'DAEMON_UNAVAILABLE', exitCode: 69 },
  {
    what: 'something final without a terminal to ask at',
    words: ['device', 'retire', ACCOUNT],
    code: 'USAGE',
    exitCode: 64,
  },
  ...[
    ['device', 'suspend', ACCOUNT],
    ['role', 'remove', 'grower', ACCOUNT],
    ['policy', 'revoke', '--anyone', '--any-resource'],
  ].map((words): Case => ({
    what: `${words.slice(0, 2).join(' ')} without a terminal to ask at`,
    words,
    code: 'USAGE',
    exitCode: 64,
  })),
];

/** Exactly one line, which says what happened and what to do. */
const ONE_LINE = /^dewproof: [A-Z_]+: .{10,}[;:.].{5,}\n$/;

describe('bad input', { concurrent: true }, () => {
  test.each(cases)('$what: $code', async ({ words, code, exitCode, file, home }) => {
    const folder = makeHome(home);
    const path = join(folder, 'FILE.yaml');
    if (file !== undefined) writeFileSync(path, file);
    const run = await runDewproof(['--home', folder, ...words.map((word) => (word === 'FILE' ? path : word))]);
    expect(run).toMatchObject({ code, exitCode, stdout: '' });
    expect(run.stderr).toMatch(ONE_LINE);
  });

  test('a folder without documents: USAGE', async () => {
    const folder = makeHome();
    mkdirSync(join(folder, 'empty'));
    const run = await runDewproof(['--home', folder, 'apply', '-f', join(folder, 'empty')]);
    expect(run).toMatchObject({ code: 'USAGE', exitCode: 64 });
  });

  test('permission denied: CONFIG', async () => {
    const folder = makeHome();
    const file = join(folder, 'secret.yaml');
    writeFileSync(file, resourceYaml());
    chmodSync(folder, 0o755);
    chmodSync(file, 0o000);
    // Root may read everything: then somebody else tries.
    const asNobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const run = await runDewproof(['--home', folder, 'apply', '-f', file], asNobody);
    expect(run).toMatchObject({ code: 'CONFIG', exitCode: 78 });
    expect(run.stderr).toMatch(ONE_LINE);
  });

  test('a port in use: PORT_IN_USE', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const folder = makeHome({ config: configYaml('role: edge\ndaemon: {groups: [site]}') });
    const run = await runDewproof([
      '--home',
      folder,
      'edge',
      'start',
      '--port',
      `${port}`,
      '--mqtt-port',
      '0',
      '--log-level',
      'silent',
    ]);
    expect(run).toMatchObject({ code: 'PORT_IN_USE', exitCode: 69, stdout: '' });
    expect(run.stderr).toMatch(ONE_LINE);
  });

  test('a damaged database: STORE_CORRUPT, and it is left as it is', async () => {
    const folder = makeHome({ config: configYaml('role: edge\ndaemon: {groups: [site]}') });
    const store = join(folder, 'data', 'store');
    mkdirSync(store, { recursive: true });
    writeFileSync(join(store, 'CURRENT'), 'garbage');
    const run = await runDewproof([
      '--home',
      folder,
      'edge',
      'start',
      '--port',
      '0',
      '--mqtt-port',
      '0',
      '--log-level',
      'silent',
    ]);
    expect(run).toMatchObject({ code: 'STORE_CORRUPT', exitCode: 1, stdout: '' });
    expect(run.stderr).toMatch(ONE_LINE);
    expect(readFileSync(join(store, 'CURRENT'), 'utf8')).toBe('garbage');
  });

  test('a full disk: DISK_FULL, and no half a key', async ({ skip }) => {
    const folder = temporaryFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', folder]);
    if (mounted.status !== 0) skip(`a small disk can't be mounted here: ${mounted.stderr.toString().trim()}`);
    onTestFinished(() => void spawnSync('umount', [folder]));
    writeFileSync(join(folder, 'filler'), Buffer.alloc(8192));
    const run = await runDewproof(['--home', join(folder), 'init', '--generate-password']);
    expect(run).toMatchObject({ code: 'DISK_FULL', exitCode: 1, stdout: '' });
    expect(run.stderr).toMatch(ONE_LINE);
    expect(readdirSync(folder)).toEqual(['filler']);
  });

  test('what is asked for help goes to stdout, and succeeds', async () => {
    const run = await runDewproof(['policy', 'grant', '--help']);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toContain('Examples:');
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { four, qbftAnchor, qbftBundle, seven, tamper, witnessAnchor, witnessBundle } from '../support/test-bundles.ts';
import { absentResource, device, resources } from '../support/test-registry.ts';
import { makeHome } from './home-fixture.ts';
import { runDewproof } from './run-dewproof.ts';

const folder = mkdtempSync(join(tmpdir(), 'dewproof-bundle-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, content: Uint8Array | object): string {
  const file = join(folder, name);
  writeFileSync(file, content instanceof Uint8Array ? content : JSON.stringify(content));
  return file;
}

const anchor = write('anchor.json', qbftAnchor(four));
const witnessed = write('witnessed.json', witnessAnchor());
const bundle = write('four.bundle', qbftBundle(four));
const noted = write('noted.bundle', witnessBundle());

interface Verified {
  readonly block: { readonly height: string; readonly time: string };
  readonly finality: {
    readonly kind: string;
    readonly signed: number;
    readonly of: number;
    readonly signers: string[];
  };
  readonly facts: readonly { readonly kind: string; readonly of: string; readonly says: string }[];
  readonly checkedWith: string;
}

async function verify(file: string, trusted: string): Promise<Verified> {
  const run = await runDewproof(['bundle', 'verify', file, '--anchor', trusted, '--no-clock', '-o', 'json']);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(run.stdout) as Verified;
}

describe('dewproof bundle verify', () => {
  test('prints what is proved, as of when, and by whom', async () => {
    const { block, finality, facts, checkedWith } = await verify(bundle, anchor);
    expect(block).toMatchObject({ height: '500', time: '2023-11-14T22:21:40Z' });
    expect(finality).toMatchObject({ kind: 'qbft', signed: 3, of: 4 });
    const says = (of: string) => facts.find((fact) => fact.of === of)?.says;
    expect(says(resources[0])).toContain('version 1, active');
    expect(says(resources[1])).toContain('revoked');
    expect(says(absentResource)).toBe('no record');
    expect(says(device)).toContain('edge, active');
    expect(checkedWith).toMatch(/^secp256k1 /);
  });

  test('names the witnesses who signed', async () => {
    const { finality } = await verify(noted, witnessed);
    expect(finality).toMatchObject({ kind: 'witnesses', of: 3, signers: ['witness-0', 'witness-1'] });
  });

  test('says it to people too', async () => {
    const { stdout } = await runDewproof(['bundle', 'verify', bundle, '--anchor', anchor]);
    expect(stdout).toContain('verified');
    expect(stdout).toContain('height:');
  });

  const altered = tamper(qbftBundle(four), ({ heads }) => ({
    heads: heads.map(({ resource, head }) => ({ resource, head: head && { ...head, status: 1 } })),
  }));
  const others = createAnchors();
  test.each([
    ['an altered fact', write('altered.bundle', altered), anchor, 'PROOF_INVALID', 77],
    ['too few trusted seals', bundle, others, 'QUORUM', 77],
    ['a file of something else', anchor, anchor, 'SCHEMA', 1],
    ['a file that is too large', write('large.bundle', new Uint8Array(5 * 1024 * 1024)), anchor, 'ENDLESS_DATA', 77],
    ['no file', join(folder, 'none.bundle'), anchor, 'USAGE', 64],
    ['an anchor that is none', bundle, bundle, 'CONFIG', 78],
  ])('refuses %s', async (_, file, trusted, code, exitCode) => {
    const run = await runDewproof(['bundle', 'verify', file, '--anchor', trusted]);
    expect(run).toMatchObject({ code, exitCode, stdout: '' });
  });

  test.each([
    ['an empty file', write('empty.bundle', new Uint8Array()), anchor, 'SCHEMA', 'is empty'],
    ['a folder', folder, anchor, 'USAGE', 'is a folder'],
    [
      'base64',
      write('text.bundle', Buffer.from(Buffer.from(qbftBundle(four)).toString('base64'))),
      anchor,
      'SCHEMA',
      'is text',
    ],
    ['an anchor, not a bundle', anchor, anchor, 'SCHEMA', 'is text'],
    ['a folder for an anchor', bundle, folder, 'CONFIG', 'is a folder'],
    ['an empty anchor', bundle, write('empty.json', new Uint8Array()), 'CONFIG', 'it is no JSON'],
  ])('says what it was given: %s', async (_, file, trusted, code, why) => {
    const run = await runDewproof(['bundle', 'verify', file, '--anchor', trusted]);
    expect(run).toMatchObject({ code, stdout: '' });
    expect(run.stderr).toContain(why);
  });

  test('without a home says that an anchor will do', async () => {
    const run = await runDewproof(['bundle', 'verify', bundle, '--home', join(folder, 'no-home')]);
    expect(run).toMatchObject({ code: 'CONFIG', exitCode: 78 });
    expect(run.stderr).toContain('--anchor');
  });

  test('reads stdin', async () => {
    const run = await runDewproof(['bundle', 'verify', '-', '--anchor', anchor], {
      input: Buffer.from(qbftBundle(four)),
    });
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    const none = await runDewproof(['bundle', 'inspect', '-'], { input: '' });
    expect(none).toMatchObject({ code: 'SCHEMA', exitCode: 1 });
    expect(none.stderr).toContain('stdin is empty');
    const home = makeHome({ anchor: JSON.stringify(qbftAnchor(four)) });
    const held = await runDewproof(['bundle', 'import', '-', '--home', home], { input: Buffer.from(qbftBundle(four)) });
    expect(held).toMatchObject({ code: 'DAEMON_UNAVAILABLE', exitCode: 69 });
    expect(held.stderr).toContain('stdin holds, as of block 500');
  });

  test('loads no ethers: neither it nor anything it imports', () => {
    const imported = importsOf(resolve(import.meta.dirname, '../../cli/actions/bundle-verify.ts'));
    expect([...imported]).toContain('hash-wasm');
    expect([...imported].filter((name) => name.startsWith('ethers'))).toEqual([]);
  });
});

describe('dewproof bundle inspect', () => {
  test('shows what is claimed, and says that it is not verified', async () => {
    const { stdout, exitCode } = await runDewproof(['bundle', 'inspect', bundle, '-o', 'json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'not verified', seals: 3, validatorChanges: 0 });
    expect(JSON.parse(stdout)).toHaveProperty('block.height', '500');
  });
  test('shows a note line by line', async () => {
    const { stdout } = await runDewproof(['bundle', 'inspect', noted, '-o', 'json']);
    const { note } = JSON.parse(stdout) as { note: readonly string[] };
    expect(note[0]).toMatch(/^dewproof\/block\/v1\/eip155:1337\/0x99/);
    expect(note[1]).toBe('500');
    expect(note).toHaveLength(6);
  });
});

describe('dewproof bundle export', () => {
  test.each([
    ['a device is named', ['out.bundle'], 'USAGE'],
    [
      'witnesses have a note',
      ['out.bundle', '--device', device, '--anchor', witnessed, '--url', 'http://127.0.0.1:1'],
      'USAGE',
    ],
    [
      'validators have none',
      ['out.bundle', '--device', device, '--anchor', anchor, '--url', 'http://127.0.0.1:1', '--note', noted],
      'USAGE',
    ],
    [
      'the node answers',
      ['out.bundle', '--device', device, '--anchor', anchor, '--url', 'http://127.0.0.1:1'],
      'LEDGER_UNAVAILABLE',
    ],
  ])('wants that %s', async (_, words, code) => {
    expect(await runDewproof(['bundle', 'export', ...words])).toMatchObject({ code, stdout: '' });
  });
});

/** An anchor of seven validators, of whom four are those of the bundle. */
function createAnchors(): string {
  return write('seven.json', qbftAnchor(seven));
}

/** All packages that a file and what it imports, statically or not, import. */
function importsOf(file: string, seen = new Set<string>(), packages = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles) {
    if (fileName.startsWith('.')) importsOf(resolve(dirname(file), fileName), seen, packages);
    else packages.add(fileName);
  }
  expect(relative(resolve(import.meta.dirname, '../..'), file)).not.toMatch(/^\.\./);
  return packages;
}

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPlainVerify } from '../../cli/bundle/read-plain-verify.ts';
import { bundleCli } from '../../scripts/build/bundle-cli.ts';
import { four, qbftAnchor, qbftBundle, seven, witnessAnchor, witnessBundle } from '../support/test-bundles.ts';
import { runDewproof } from './run-dewproof.ts';

// Beside the packages, where it finds the native one as it does in dist/.
const cache = join(import.meta.dirname, '../../node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'dewproof-bundled-'));
const main = join(folder, 'cli/main.js');
beforeAll(() => bundleCli({ outfile: main }));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, content: Uint8Array | object): string {
  const file = join(folder, name);
  writeFileSync(file, content instanceof Uint8Array ? content : JSON.stringify(content));
  return file;
}

function runBundled(words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { exitCode: status, stdout, stderr };
}

const anchor = write('anchor.json', qbftAnchor(four));
const witnessed = write('witnessed.json', witnessAnchor());
const flipped = Uint8Array.from(qbftBundle(four));
flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;

describe('the one file that `npm run build` makes, with nothing beside it', () => {
  test.each([
    ['a good bundle', ['bundle', 'verify', write('four.bundle', qbftBundle(four)), '--anchor', anchor, '--no-clock']],
    [
      'the same as data',
      ['bundle', 'verify', '-o', 'json', '--anchor', anchor, join(folder, 'four.bundle'), '--no-clock'],
    ],
    [
      'a bundle of witnesses',
      ['bundle', 'verify', write('w.bundle', witnessBundle()), '--anchor', witnessed, '--no-clock'],
    ],
    ["another set's bundle", ['bundle', 'verify', write('seven.bundle', qbftBundle(seven)), '--anchor', anchor]],
    ['a bundle with a bit flipped', ['bundle', 'verify', write('flipped.bundle', flipped), '--anchor', anchor]],
    ['what is no bundle', ['bundle', 'verify', anchor, '--anchor', anchor]],
    ['a file that is not there', ['bundle', 'verify', join(folder, 'none'), '--anchor', anchor]],
    [
      'an anchor that is not there',
      ['bundle', 'verify', join(folder, 'four.bundle'), '--anchor', join(folder, 'none')],
    ],
  ])('says of %s what the sources say', async (_what, words) => {
    const { exitCode, stdout, stderr } = await runDewproof(words);
    expect(runBundled(words)).toEqual({ exitCode, stdout, stderr });
    expect(stdout !== '' || stderr !== '').toBe(true);
  });
});

describe('a command line is read at once', () => {
  const plain = { file: 'a', anchor: 'b', clock: true, output: 'table', home: '' };
  test.each([
    ['bundle verify a --anchor b', plain],
    ['bundle verify --anchor b a', plain],
    ['bundle verify --no-clock a -o json --anchor b', { ...plain, clock: false, output: 'json' }],
    ['bundle verify a --anchor b -o table', plain],
  ])('where it is as plain as `dewproof %s`', (line, expected) => {
    expect(readPlainVerify(line.split(' '))).toEqual(expected);
  });

  test.each([
    '',
    'bundle',
    'bundle inspect a --anchor b',
    'verify bundle a --anchor b',
    '--home x bundle verify a --anchor b',
    'bundle verify a',
    'bundle verify --anchor b',
    'bundle verify a --anchor',
    'bundle verify a --anchor --no-clock',
    'bundle verify a --anchor b --help',
    'bundle verify a --anchor=b',
    'bundle verify a --anchor b --anchor c',
    'bundle verify a c --anchor b',
    'bundle verify a --anchor b -o yaml',
    'bundle verify a --anchor b -o',
    'bundle verify a --anchor b -o json -o table',
    'bundle verify a --anchor b --home x',
    'bundle verify -- a --anchor b',
  ])('and is left to commander where it is `dewproof %s`', (line) => {
    expect(readPlainVerify(line === '' ? [] : line.split(' '))).toBeUndefined();
  });
});

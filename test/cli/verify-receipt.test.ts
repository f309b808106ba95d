import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { proveInclusions } from '../../core/receipts/inclusion.ts';
import { receiptOf, signed } from '../core/support/receipts.ts';
import { makeHome } from './home-fixture.ts';
import { runDewproof } from './run-dewproof.ts';
import { temporaryFolder } from './temporary-folder.ts';

const { envelope, digest } = await signed(receiptOf());
const [inclusion] = proveInclusions([digest]);
const file = { envelope, inclusion };

const verify = (input: unknown, ...words: readonly string[]) =>
  runDewproof(['verify', '--receipt', '-', ...words], {
    input: typeof input === 'string' ? input : JSON.stringify(input),
  });

describe('dewproof verify --receipt', () => {
  test('needs neither home nor ledger, and says what it did not check', async () => {
    const home = join(temporaryFolder(), 'none');
    const { exitCode, stdout } = await verify(file, '--home', home, '-o', 'json');
    expect(exitCode).toBe(0);
    const verdict = JSON.parse(stdout) as { unchecked: string[] };
    expect(verdict).toMatchObject({
      verdict: 'verified',
      receipt: digest,
      time: '2026-11-27T06:00:00Z',
      what: 'started barn-climate 3',
    });
    expect(verdict.unchecked[0]).toMatch(/^whether its root is anchored.*CONFIG/);
  });

  test('says so where the node is away', async () => {
    const { exitCode, stdout } = await verify(file, '--home', makeHome(), '-o', 'json');
    expect(exitCode).toBe(0);
    expect((JSON.parse(stdout) as { unchecked: string[] }).unchecked[0]).toContain('LEDGER_UNAVAILABLE');
  });

  test.each([
    ['a bare envelope', envelope, 0],
    ['a list', [file, envelope], 0],
    ['a list with a bad one', [file, {}], 77],
    ['what is no JSON', 'nonsense', 77],
    ['an empty list', [], 1],
    ['a signature of another', { envelope: { ...envelope, payload: Buffer.from('{}').toString('base64') } }, 77],
  ])('takes %s', async (_, input, expected) => {
    const { exitCode } = await verify(input, '--offline');
    expect(exitCode).toBe(expected);
  });

  test('reads a file', async () => {
    const path = join(temporaryFolder(), 'receipt.json');
    writeFileSync(path, JSON.stringify(file));
    const { exitCode, stdout } = await runDewproof(['verify', '--receipt', path, '--offline']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('verified');
  });

  test.each([
    [['verify']],
    [['verify', 'barn-climate', '--receipt', 'x']],
    [['verify', 'barn-climate', '--offline']],
    [['verify', '--receipt', 'x', '--device', `0x${'11'.repeat(20)}`]],
    [['verify', '--receipt', '/does/not/exist']],
  ])('refuses %s as a mistake on the command line', async (words) => {
    expect(await runDewproof(words)).toMatchObject({ exitCode: 64, code: 'USAGE' });
  });
});

describe('dewproof get receipts', () => {
  test('names what is missing: a dew, a key', async () => {
    expect(await runDewproof(['--home', makeHome(), 'get', 'receipts'])).toMatchObject({ code: 'CONFIG' });
    const config = 'apiVersion: dewproof/v1\nkind: Home\nrole: user\ndews: [http://127.0.0.1:9]\n';
    const keyless = makeHome({ config, keystore: undefined });
    expect(await runDewproof(['--home', keyless, 'get', 'receipts'])).toMatchObject({ code: 'KEY_MISSING' });
    expect(await runDewproof(['--home', makeHome({ config }), 'get', 'receipts'])).toMatchObject({
      code: 'DEW_UNAVAILABLE',
      exitCode: 69,
    });
  });
});

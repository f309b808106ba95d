import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configYaml } from './home-fixture.ts';
import { runHere } from './run-here.ts';
import { temporaryFolder } from './temporary-folder.ts';

const NORTH = 'north=http://10.0.7.2:8460';
const SOUTH = 'south=http://10.0.7.3:8460/';

async function init(...words: readonly string[]) {
  const home = join(temporaryFolder(), 'home');
  const run = await runHere(['init', '--home', home, '--generate-password', ...words]);
  return { run, config: () => parse(readFileSync(join(home, 'config.yaml'), 'utf8')) as unknown };
}

test('writes down which node and witnesses a dew asks', async () => {
  const { run, config } = await init(
    ...['--kind', 'dew', '--group', 'barn-7', '--node', 'http://127.0.0.1:8545', '--witness', `${NORTH},${SOUTH}`],
  );
  expect(run).toMatchObject({ exitCode: 0 });
  expect(config()).toEqual({
    apiVersion: 'dewproof/v1',
    kind: 'Home',
    role: 'dew',
    dews: [],
    node: 'http://127.0.0.1:8545/',
    witnesses: [
      { name: 'north', url: 'http://10.0.7.2:8460' },
      { name: 'south', url: 'http://10.0.7.3:8460' },
    ],
    daemon: { groups: ['barn-7'] },
  });
});

test('writes down which other edges an edge asks, and nothing that was not said', async () => {
  const { run, config } = await init('--kind', 'edge', '--peer', 'http://edge-2.local:8480');
  expect(run).toMatchObject({ exitCode: 0 });
  expect(config()).toEqual({
    apiVersion: 'dewproof/v1',
    kind: 'Home',
    role: 'edge',
    dews: [],
    daemon: { peers: ['http://edge-2.local:8480'] },
  });
});

test('refuses peers of anybody but an edge, and makes no home', async () => {
  const { run, config } = await init('--kind', 'dew', '--peer', 'http://edge-2.local:8480');
  expect(run).toMatchObject({ exitCode: 64, code: 'USAGE' });
  expect(config).toThrow('ENOENT');
});

test('makes no records of a witness where its configuration, of an earlier run, has it look for none', async () => {
  const home = temporaryFolder();
  const elsewhere = join(home, 'elsewhere');
  writeFileSync(join(home, 'config.yaml'), configYaml('role: witness'));
  const words = ['witness', 'init', 'north', '--home', home, '--generate-password'];
  const refused = await runHere([...words, '--data', elsewhere]);
  expect(refused).toMatchObject({ code: 'CONFLICT', exitCode: 1 });
  expect(refused.stderr).toContain(join(home, 'data'));
  expect([elsewhere, join(home, 'witness-key.json')].map((file) => existsSync(file))).toEqual([false, false]);
  expect(await runHere([...words, '--data', join(home, 'data')])).toMatchObject({ exitCode: 0 });
});

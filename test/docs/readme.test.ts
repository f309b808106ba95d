import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCodes } from '../../core/errors.ts';

const readme = readFileSync('README.md', 'utf8');

test('the README has a row for every error code', () => {
  const rows = readme.split('\n').filter((line) => line.startsWith('| `'));
  const missing = errorCodes.filter((code) => !rows.some((row) => row.split('|')[1]?.includes(`\`${code}\``)));
  expect(missing).toEqual([]);
});

test('the README begins with the two commands', () => {
  const commands = readme.split('\n').filter((line) => line.startsWith('npm ci && npm '));
  expect(commands.map((line) => line.split('#')[0]?.trim())).toEqual(['npm ci && npm start', 'npm ci && npm test']);
});

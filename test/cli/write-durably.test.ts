import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCapped } from '../../cli/home/read-capped.ts';
import { writeDurably } from '../../cli/home/write-durably.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('of writers at the same time one wins whole, and no draft stays behind', async () => {
  const file = join(temporaryFolder(), 'key');
  const contents = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(10_000));
  const writes = contents.map((content) => writeDurably(file, content, { replace: false, mode: 0o600 }));
  const settled = await Promise.allSettled(writes);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of settled)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT' });
  expect(contents).toContain(readFileSync(file, 'utf8'));
  expect(readdirSync(join(file, '..'))).toEqual(['key']);
});

test('replaces where it may, and keeps the file to its owner', async () => {
  const file = join(temporaryFolder(), 'deep', 'file');
  await writeDurably(file, 'old', { replace: true, mode: 0o600 });
  await writeDurably(file, 'new', { replace: true, mode: 0o600 });
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('makes no folder for a file that its user named', async () => {
  const folder = join(temporaryFolder(), 'stick');
  const write = writeDurably(join(folder, 'bundle'), 'x', { replace: true, mode: 0o644, isNamed: true });
  await expect(write).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(folder) as string });
  expect(existsSync(folder)).toBe(false);
});

test('readCapped reads up to its cap and not a byte more, of endless files too', async () => {
  const file = join(temporaryFolder(), 'file');
  await writeDurably(file, 'x'.repeat(100), { replace: true, mode: 0o600 });
  expect(await readCapped(file, { maxBytes: 100 })).toHaveLength(100);
  await expect(readCapped(file, { maxBytes: 99 })).rejects.toMatchObject({ code: 'SCHEMA' });
  await expect(readCapped('/dev/zero', { maxBytes: 1000 })).rejects.toMatchObject({ code: 'SCHEMA' });
});

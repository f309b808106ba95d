import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDataFolder } from '../../platform/store/make-data-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a data folder is made with all above it, for its owner alone', async () => {
  const folder = join(temporaryFolder(), 'a', 'b');
  await makeDataFolder(folder);
  await makeDataFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a file in the way is told by a code', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(makeDataFolder(file)).rejects.toMatchObject({ code: 'CONFIG' });
  await expect(makeDataFolder(join(file, 'data'))).rejects.toMatchObject({ code: 'CONFIG' });
});

test.runIf(existsSync('/proc/self'))('where no folder can be made, it says so instead of trying for ever', async () => {
  await expect(makeDataFolder('/proc/x')).rejects.toMatchObject({ code: 'CONFIG' });
});

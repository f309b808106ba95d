import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { healLog } from '../../platform/store/heal-log.ts';
import { DURABLE, openStore, sublevelOf, type Store } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { NO_TINY_DISK, tinyDisk } from './tiny-disk.ts';

async function filledStore(): Promise<string> {
  const folder = join(temporaryFolder(), 'db');
  const store = await openStore(folder);
  for (let index = 0; index < 1200; index += 1) await store.put(`key-${index}`, 'v'.repeat(5000));
  // Else the table may still be unborn when the store closes, and its data in the log.
  await (store as unknown as { compactRange(from: string, to: string): Promise<void> }).compactRange('', '~');
  await store.close();
  return folder;
}

function filesOf(folder: string, ending: RegExp): string[] {
  const files = readdirSync(folder).filter((name) => ending.test(name));
  expect(files).not.toHaveLength(0);
  return files.map((name) => join(folder, name));
}

describe('openStore', () => {
  test('keeps what was written, whole and in parts', async () => {
    const folder = join(temporaryFolder(), 'a', 'db');
    const store = await openStore(folder);
    await store.put('key', 'value', DURABLE);
    await sublevelOf(store, 'part').put('key', 'other', DURABLE);
    await store.close();
    const again = await openStore(folder);
    expect(await again.get('key')).toBe('value');
    expect(await sublevelOf(again, 'part').get('key')).toBe('other');
    await again.close();
  });

  test('refuses a database that another process has open, and opens it once that is gone', async () => {
    const folder = join(temporaryFolder(), 'db');
    const store = await openStore(folder);
    const module = join(import.meta.dirname, '../../platform/store/open-store.ts');
    const script = `const { openStore } = await import(${JSON.stringify(module)});
      await openStore(${JSON.stringify(folder)}).then((s) => s.close(), (e) => process.stdout.write(e.code));`;
    const other = () => execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString();
    expect(other()).toBe('STORE_LOCKED');
    await store.close();
    expect(other()).toBe('');
  });

  test.each([
    ['a MANIFEST of garbage', /^MANIFEST/, 'garbage'],
    ['an empty MANIFEST', /^MANIFEST/, ''],
    ['a CURRENT of garbage', /^CURRENT$/, 'garbage'],
    ['an empty CURRENT', /^CURRENT$/, ''],
    ['a CURRENT that names nothing', /^CURRENT$/, 'MANIFEST-999999\n'],
  ])('refuses %s', async (_what, which, content) => {
    const folder = await filledStore();
    for (const file of filesOf(folder, which)) writeFileSync(file, content);
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  test.each([
    ['without its tables', /\.ldb$/],
    ['without its CURRENT', /^CURRENT$/],
  ])('refuses a database %s', async (_what, which) => {
    const folder = await filledStore();
    for (const file of filesOf(folder, which)) rmSync(file);
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  test('never answers another value from a table with changed bytes', async () => {
    const folder = await filledStore();
    for (const file of filesOf(folder, /\.ldb$/)) {
      const bytes = readFileSync(file);
      for (let at = 0; at < bytes.length; at += 97) bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      writeFileSync(file, bytes);
    }
    const store = await openStore(folder);
    onTestFinished(() => store.close());
    const codes = new Set<unknown>();
    for (let index = 0; index < 1200; index += 1) {
      const read = guardStore(() => store.get(`key-${index}`));
      const value = await read.catch((error: unknown) => codes.add((error as { code?: string }).code));
      if (!(value instanceof Set)) expect(value).toBe('v'.repeat(5000));
    }
    expect([...codes]).toEqual(['STORE_CORRUPT']);
  });

  test('says so where a file is in the way of the folder', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(openStore(file)).rejects.toMatchObject({ code: 'CONFIG' });
  });
});

describe('a full disk', () => {
  test('is DISK_FULL, and what is acknowledged afterwards is there', async (context) => {
    const disk = tinyDisk();
    if (disk === undefined) return context.skip(NO_TINY_DISK);
    const folder = join(disk.folder, 'db');
    const store = await openStore(folder);
    const part = sublevelOf(store, 'part');
    let kept = 0;
    const fill = async () => {
      for (; ; kept += 1) await guardStore(() => part.put(`key-${kept}`, 'v'.repeat(5000), DURABLE));
    };
    await expect(fill()).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await part.get('key-0')).toBe('v'.repeat(5000));

    // LevelDB would take this one, acknowledge it, and have lost it at the next start.
    disk.resize('2m');
    await expect(part.put('early', 'lost', DURABLE)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expect(store.batch([{ type: 'del', key: 'key-0' }])).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expect(part.clear()).rejects.toMatchObject({ code: 'DISK_FULL' });

    disk.resize('64m');
    await Promise.all([part.put('first', 'kept', DURABLE), part.put('second', 'kept', DURABLE)]);
    const copy = join(temporaryFolder(), 'copy');
    cpSync(folder, copy, { recursive: true });
    await store.close();
    for (const place of [folder, copy]) {
      const again = await openStore(place);
      const read = await sublevelOf(again, 'part').getMany(['first', 'second', 'early', `key-${kept - 1}`]);
      expect(read).toEqual(['kept', 'kept', undefined, 'v'.repeat(5000)]);
      await again.close();
    }
  });

  test('is not taken for healed while its old log is still in use', async () => {
    const folder = temporaryFolder();
    const log = join(folder, '000003.log');
    writeFileSync(log, '');
    const storeThat = (compactRange: () => void) => ({ location: folder, compactRange }) as unknown as Store;
    expect(await healLog(storeThat(() => undefined))).toBe(false);
    const renew = () => {
      renameSync(log, join(folder, '000005.log'));
    };
    expect(await healLog(storeThat(renew))).toBe(true);
  });

  test('is DISK_FULL at the very start', async (context) => {
    const disk = tinyDisk();
    if (disk === undefined) return context.skip(NO_TINY_DISK);
    expect(() => {
      writeFileSync(join(disk.folder, 'ballast'), Buffer.alloc(2_000_000));
    }).toThrow(/ENOSPC/);
    await expect(openStore(join(disk.folder, 'db'))).rejects.toMatchObject({ code: 'DISK_FULL' });
  });
});

describe('checked records', () => {
  test('open as they were sealed', () => {
    expect(openRecord(sealRecord('{"a":"\n"}'))).toBe('{"a":"\n"}');
  });

  test('are refused with any character changed', () => {
    const record = sealRecord('{"version":"1"}');
    for (let at = 0; at < record.length; at += 1) {
      const changed = record.slice(0, at) + (record[at] === 'x' ? 'y' : 'x') + record.slice(at + 1);
      expect(() => openRecord(changed)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
    }
  });
});

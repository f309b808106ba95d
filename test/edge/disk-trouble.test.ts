import { expect, test } from 'vitest';
import { DewproofError } from '../../core/errors.ts';
import { createDiskTrouble } from '../../edge/disk-trouble.ts';
import { createRefusals } from '../../edge/refusals.ts';
import { quietLog } from './support/test-edge.ts';

test('a disk that takes one part but not another is in trouble until that one is written', () => {
  const refusals = createRefusals({ clock: Date.now, log: quietLog() });
  const disk = createDiskTrouble(refusals);
  const [onReadings, onKeyValues] = [disk.of('readings'), disk.of('key-values')];
  onReadings(new DewproofError('DISK_FULL', 'is full'));
  onKeyValues(undefined);
  expect(disk.current()).toMatchObject({ code: 'DISK_FULL' });
  onKeyValues(new Error('hm'));
  onReadings(undefined);
  expect(disk.current()).toMatchObject({ code: 'STORE_CORRUPT' });
  onKeyValues(undefined);
  expect(disk.current()).toBeUndefined();
  expect(refusals.list()).toMatchObject([
    { about: 'readings', code: 'DISK_FULL' },
    { about: 'key-values', code: 'STORE_CORRUPT' },
  ]);
});

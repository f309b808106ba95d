import { expect, test } from 'vitest';
import { DewproofError } from '../../core/errors.ts';
import { createLog } from '../../platform/log.ts';

function logged(fields: object): string {
  const lines: string[] = [];
  createLog({ name: 'dew', level: 'info' }, { write: (line) => lines.push(line) }).info(fields, 'message');
  return lines.join('');
}

test('a log line is JSON with the error, its code and its cause', () => {
  const error = new DewproofError('DISK_FULL', 'No space', { cause: new Error('ENOSPC') });
  const line = JSON.parse(logged({ error })) as { name: string; msg: string; error: { code: string; message: string } };
  expect(line).toMatchObject({ name: 'dew', msg: 'message', error: { code: 'DISK_FULL' } });
  expect(line.error.message).toContain('ENOSPC');
});

test.each(['password', 'privateKey', 'secret', 'authorization', 'signature', 'cookie'])(
  '%s never reaches a log',
  (name) => {
    const value = 'swordfish';
    const line = logged({ [name]: value, keystore: { [name]: value }, call: { headers: { [name]: value } } });
    expect(line).not.toContain(value);
  },
);

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readServedAnchor } from '../../cli/home/read-served-anchor.ts';
import { createLog } from '../../platform/log.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { rootedAnchor, rootKeys, signAnchor } from '../support/test-anchors.ts';

async function read(content: unknown) {
  const file = join(temporaryFolder(), 'anchor.json');
  writeFileSync(file, JSON.stringify(content));
  const logged: string[] = [];
  const log = createLog({ name: 'test', level: 'info' }, { write: (line) => logged.push(line) });
  return { read: await readServedAnchor(file, log), logged: logged.join() };
}

const anchor = rootedAnchor();
const signed = await signAnchor(anchor, rootKeys.slice(0, 2));
const [first, second] = signed.signatures;

test('an anchor that its roots signed, or nobody, is read as it is', async () => {
  expect(await read(signed)).toEqual({ read: signed, logged: '' });
  const plain = await read(anchor);
  expect([plain.read?.signatures, plain.logged]).toEqual([[], '']);
});

test.each<[string, unknown, string]>([
  ['signatures that are none', { ...signed, signatures: [{ account: 'nobody', signature: '0x' }] }, 'CONFIG'],
  ['no list of them', { ...signed, signatures: 1 }, 'CONFIG'],
  ['too few', { ...signed, signatures: [first] }, 'QUORUM'],
  ['another anchor’s', { ...signed, anchor: { ...anchor, version: 7 } }, 'QUORUM'],
  ['one’s under another’s name', { ...signed, signatures: [first, { ...first, account: second?.account }] }, 'QUORUM'],
  ['those of strangers', await signAnchor(anchor, rootKeys.slice(3, 6)), 'QUORUM'],
  ['those of an anchor without roots', await signAnchor({ ...anchor, roots: undefined }, rootKeys), 'QUORUM'],
])('one with %s is not handed on, which is logged', async (_, content, code) => {
  const { read: found, logged } = await read(content);
  expect(found).toBeUndefined();
  expect(logged).toContain(code);
  expect(logged).toContain('in use, but not handed to devices');
});

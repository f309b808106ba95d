import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sealDocument } from '../../cli/apply/plan-resource.ts';
import { openSealedDocuments, subjectOf } from '../../cli/home/sealed-documents.ts';
import { resourceDocument } from './documents.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('keeps versions, the newest first, and finds them by digest', async () => {
  const documents = openSealedDocuments(join(temporaryFolder(), 'documents'));
  const versions = [2, 10, 1].map((version) => sealDocument(resourceDocument({ version })));
  for (const document of versions) expect(await documents.keep(document)).toBe(true);
  for (const document of versions) expect(await documents.keep(document)).toBe(false);
  const [first] = versions;
  if (first === undefined) throw new TypeError();
  const kept = await documents.versionsOf(subjectOf(first.document));
  expect(kept.map(({ document }) => document.spec.version)).toEqual([10, 2, 1]);
  expect(await documents.withDigest(first.digest)).toEqual({ ...first, bytes: Buffer.from(first.bytes) });
  await documents.drop(first);
  expect(await documents.withDigest(first.digest)).toBeUndefined();
});

test('refuses a kept document that was altered', async () => {
  const folder = temporaryFolder();
  const documents = openSealedDocuments(folder);
  const sealed = sealDocument(resourceDocument({ version: 1 }));
  await documents.keep(sealed);
  const [file] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'));
  appendFileSync(join(folder, file ?? ''), ' ');
  await expect(documents.versionsOf(subjectOf(sealed.document))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  await expect(documents.withDigest(sealed.digest)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});

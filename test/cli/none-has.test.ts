import { expect, test } from 'vitest';
import { findProposed } from '../../cli/apply/find-documents.ts';
import { fetchArtifact } from '../../cli/dew/fetch-artifact.ts';
import type { DewClient } from '../../cli/dew/dew-client.ts';
import { digestOf } from '../../core/digest.ts';
import type { Proposal } from '../../core/ledger/records.ts';
import type { SealedDocuments } from '../../cli/home/sealed-documents.ts';

const digest = digestOf(new Uint8Array(1));
const documents = { withDigest: () => Promise.resolve(undefined) } as unknown as SealedDocuments;
const nothing = () => Promise.resolve(undefined);
const empty = { getDocument: nothing, getArtifact: nothing } as unknown as DewClient;

const findings = [
  {
    what: 'a proposal’s document',
    find: (dews: readonly DewClient[]) => findProposed({ digest } as Proposal, { documents, dews }),
  },
  {
    what: 'a file that a document names',
    find: (dews: readonly DewClient[]) => fetchArtifact({ digest, size: 1 }, dews),
  },
];

test.each(findings)('a home that names no dew is told so, not that no dew has $what', async ({ find }) => {
  await expect(find([])).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining('names no dew') as string,
  });
  await expect(find([empty])).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('No dew has') as string,
  });
});

import { artifactOf } from '../../core/document/artifact-of.ts';
import type { ParsedDocument } from '../../core/document/parse-document.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { sleep } from '../../platform/sleep.ts';
import { progress, warn } from '../output/messages.ts';
import type { Artifact } from '../apply/read-artifact.ts';
import type { DewClient } from './dew-client.ts';

const RETRY_MS = 250;

/** How to hand a document over. */
export interface UploadOptions {
  readonly dews: readonly DewClient[];
  /** Files at hand; the one that the document names goes with it. */
  readonly artifacts?: readonly Artifact[];
  /** How long a dew may answer that it does not see the newest blocks yet; default 15,000. */
  readonly patienceMs?: number;
}

/**
 * Hands a document to every dew and answers which of them have it now. One that can't be reached is warned of while
 * another took it; none at all is an error.
 * @throws the last dew's own refusal, where no dew took the document
 */
export async function upload(document: ParsedDocument, options: UploadOptions): Promise<readonly string[]> {
  const { dews, artifacts = [], patienceMs = 15_000 } = options;
  const named = artifactOf(document.document)?.digest;
  const artifact = artifacts.find(({ digest }) => digest === named);
  if (dews.length === 0) {
    warn(`${document.document.metadata.name}: config.yaml names no dews, so no device can fetch the document yet.`);
  }
  const results = await Promise.allSettled(dews.map((dew) => uploadTo(dew, { document, artifact, patienceMs })));
  const taken = dews.filter((_, index) => results[index]?.status === 'fulfilled').map(({ url }) => url);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (taken.length === 0 && failures.length > 0) throw reasonOf(failures);
  for (const failure of failures) warn(failure instanceof Error ? failure.message : String(failure));
  return taken;
}

/** A dew keeps only what the ledger names for the groups that it serves. */
function reasonOf(failures: readonly unknown[]): unknown {
  if (!failures.every((failure) => hasCode(failure, 'NOT_APPROVED'))) return failures.at(-1);
  return new DewproofError(
    'DEW_UNAVAILABLE',
    'No dew in config.yaml serves the group that it is for; add one that does.',
  );
}

interface Handover {
  readonly document: ParsedDocument;
  readonly artifact: Artifact | undefined;
  readonly patienceMs: number;
}

async function uploadTo(dew: DewClient, { document, artifact, patienceMs }: Handover): Promise<void> {
  const deadline = performance.now() + patienceMs;
  progress(`handing ${document.document.metadata.name} to ${dew.url}`);
  for (;;) {
    try {
      await dew.putDocument(document);
      if (artifact !== undefined) await dew.putArtifact(artifact);
      return;
    } catch (error) {
      if (!hasCode(error, 'LEDGER_BEHIND') || performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

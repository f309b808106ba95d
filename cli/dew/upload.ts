import type { ParsedDocument } from '../../core/document/parse-document.ts';
import { hasCode } from '../../core/errors.ts';
import { sleep } from '../../platform/sleep.ts';
import { progress, warn } from '../output/messages.ts';
import type { DewClient } from './dew-client.ts';

/** A dew keeps only what the ledger names, and it may see the block of a proposal later than we do. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 500;

/**
 * Hands a document to every dew and answers which of them have it now. One that can't be reached is warned of while
 * another took it; none at all is an error.
 * @throws the last dew's own refusal, where no dew took the document
 */
export async function upload(document: ParsedDocument, dews: readonly DewClient[]): Promise<readonly string[]> {
  if (dews.length === 0) {
    warn(`${document.document.metadata.name}: config.yaml names no dews, so no device can fetch the document yet.`);
  }
  const failures: unknown[] = [];
  const taken: string[] = [];
  for (const dew of dews) {
    try {
      await uploadTo(dew, document);
      taken.push(dew.url);
    } catch (error) {
      failures.push(error);
    }
  }
  if (taken.length === 0 && failures.length > 0) throw failures.at(-1);
  for (const failure of failures) warn(failure instanceof Error ? failure.message : String(failure));
  return taken;
}

async function uploadTo(dew: DewClient, document: ParsedDocument): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await dew.putDocument(document);
      return;
    } catch (error) {
      if (!hasCode(error, 'NOT_APPROVED', 'LEDGER_BEHIND') || performance.now() > deadline) throw error;
      progress(`waiting until ${dew.url} sees the proposal on the ledger`);
      await sleep(RETRY_MS);
    }
  }
}

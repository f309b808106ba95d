import type { ArtifactRef } from '../../core/document/artifact-of.ts';
import { DewproofError } from '../../core/errors.ts';
import type { DewClient } from './dew-client.ts';
import { firstAnswer } from './first-answer.ts';
import { noneHas } from './none-has.ts';

/**
 * The file that a document names, from the first dew that has it, held against its digest and size as a device does.
 * @throws NOT_FOUND, CONFIG (there is no dew to ask), DIGEST_MISMATCH, and the last dew's failure where none could tell whether it has it
 */
export async function fetchArtifact(artifact: ArtifactRef, dews: readonly DewClient[]): Promise<Uint8Array> {
  const { digest, size } = artifact;
  const bytes = await firstAnswer(dews, (dew) => dew.getArtifact(artifact));
  if (bytes === undefined) {
    throw noneHas(`the file ${digest}`, { dews, remedy: 'have its proposer apply the document again' });
  }
  if (bytes.length === size) return bytes;
  throw new DewproofError(
    'DIGEST_MISMATCH',
    `The file ${digest} has ${bytes.length} bytes, not the ${size} that the document says; no device takes it.`,
  );
}

import type { Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { fetchDocument } from '../apply/find-documents.ts';
import type { GlobalOptions } from '../options.ts';
import { openCallSigner, openSessionAccount, type Session } from '../session.ts';
import { dewsOf } from './session-dews.ts';

/**
 * A document's bytes by its digest: the home's copy, else a dew's, for which alone the key is opened.
 * @throws NOT_FOUND, and what opening the key and asking dews throws
 */
export async function findBytes(digest: Digest, session: Session, options: GlobalOptions): Promise<Uint8Array> {
  const kept = await session.documents.withDigest(digest);
  if (kept !== undefined) return kept.bytes;
  const signer = await openCallSigner(session, await openSessionAccount(session, options));
  const fetched = await fetchDocument(digest, dewsOf({ home: session.home, signer }));
  if (fetched !== undefined) return fetched.bytes;
  throw new DewproofError('NOT_FOUND', `Neither this home nor a dew has ${digest}; have it applied again.`);
}

import { DewproofError, hasCode } from '../../core/errors.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { messageOfAnchor } from '../../core/state/anchor-message.ts';
import type { Log } from '../../platform/log.ts';
import { isSignedBy } from '../is-signed-by.ts';
import { readAnchorFile } from './read-anchor-file.ts';

/**
 * Reads the home's anchor with its signatures, to hand it to devices; undefined, and a warning, where those are damaged or
 * too few, since each device would refuse it and take this dew for a liar. A dew goes by the anchor all the same: whoever
 * put the file there answers for it.
 */
export async function readServedAnchor(file: string, log: Log): Promise<SignedAnchor | undefined> {
  try {
    const signed = await readAnchorFile(file);
    verifySigned(signed);
    return signed;
  } catch (error) {
    if (!hasCode(error, 'CONFIG', 'QUORUM')) throw error;
    const { code, message } = error;
    log.warn({ code, file }, `The home's anchor is in use, but not handed to devices: ${message}`);
    return undefined;
  }
}

/** One that nobody signed says so itself. @throws QUORUM */
function verifySigned({ anchor, signatures }: SignedAnchor): void {
  if (signatures.length === 0) return;
  const message = messageOfAnchor(anchor);
  const { threshold, accounts } = anchor.roots ?? { threshold: 1, accounts: [] };
  const own = signatures.filter(({ account }) => accounts.includes(account));
  const signed = own.filter((one) => isSignedBy({ ...one, message })).length;
  if (signed >= threshold) return;
  throw new DewproofError(
    'QUORUM',
    `${signed} of the ${threshold} of its roots that must sign did; put the anchor as it was signed in its place.`,
  );
}

import type { ParsedDocument } from '../../core/document/parse-document.ts';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf } from '../../core/ids.ts';
import type { ConfigurationRecord } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { verifyProposed } from './verify-proposed.ts';

/**
 * Refuses a document that is not its resource's active one, each way under its own code.
 * @throws NOT_APPROVED, REVOKED, ROLLBACK, DIGEST_MISMATCH, SCHEMA, WRONG_RESOURCE, MIX_AND_MATCH, WRONG_GROUP
 */
export function verifyStanding(parsed: ParsedDocument, state: LedgerState): ConfigurationRecord {
  const { document, digest } = parsed;
  const resource = resourceIdOf(document.metadata);
  const head = state.heads.get(resource);
  if (head === undefined || BigInt(document.spec.version) > head.version) throw notApproved(parsed, state);
  if (BigInt(document.spec.version) < head.version) {
    throw new DewproofError(
      'ROLLBACK',
      `Version ${document.spec.version} is older than ${head.version}; use that one.`,
    );
  }
  if (digest !== head.digest) {
    throw new DewproofError('DIGEST_MISMATCH', `It is not what was approved, ${head.digest}; fetch it elsewhere.`);
  }
  if (head.status === 'revoked')
    throw new DewproofError('REVOKED', `Version ${head.version} was revoked; apply a newer one.`);
  verifyProposed(parsed, head);
  return head;
}

function notApproved({ digest }: ParsedDocument, state: LedgerState): DewproofError {
  const proposal = [...state.proposals.values()].find((proposed) => proposed.digest === digest);
  if (proposal === undefined)
    return new DewproofError('NOT_APPROVED', 'Nobody proposed this document; apply it first.');
  const counted = `${proposal.approvers.length} of ${state.approvalThreshold}`;
  return new DewproofError('NOT_APPROVED', `It was proposed and ${counted} approved it so far; have it approved.`);
}

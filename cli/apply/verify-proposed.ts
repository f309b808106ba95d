import type { ParsedDocument } from '../../core/document/parse-document.ts';
import type { VirtualResource } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import { groupIdOf, resourceIdOf } from '../../core/ids.ts';
import type { Proposal } from '../../core/ledger/records.ts';

/**
 * Refuses a document that is not what the ledger names, or that devices would refuse because the two disagree: an
 * approver must not say yes to a record over another document.
 * @throws DIGEST_MISMATCH, SCHEMA, WRONG_RESOURCE, MIX_AND_MATCH, WRONG_GROUP
 */
export function verifyProposed({ document, digest }: ParsedDocument, proposal: Proposal): VirtualResource {
  if (digest !== proposal.digest) {
    throw new DewproofError(
      'DIGEST_MISMATCH',
      `The document has digest ${digest}, the ledger ${proposal.digest}; fetch it elsewhere.`,
    );
  }
  if (document.kind !== 'VirtualResource') {
    throw new DewproofError('SCHEMA', 'The document is no virtual resource; ask its proposer for another.');
  }
  const { metadata, spec } = document;
  if (resourceIdOf(metadata) !== proposal.resource) {
    throw new DewproofError(
      'WRONG_RESOURCE',
      `The document is of ${metadata.tenant}/${metadata.name}; do not approve it.`,
    );
  }
  if (BigInt(spec.version) !== proposal.version) {
    const versions = `${spec.version}, the ledger ${proposal.version}`;
    throw new DewproofError('MIX_AND_MATCH', `The document says version ${versions}; do not approve it.`);
  }
  if (groupIdOf({ tenant: metadata.tenant, name: spec.group }) !== proposal.group) {
    throw new DewproofError(
      'WRONG_GROUP',
      `The document is for ${spec.group}, the record for another; do not approve it.`,
    );
  }
  return document;
}

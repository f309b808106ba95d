import type { Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf, type Name } from '../../core/ids.ts';
import type { ProposalRecord } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';

/** Which proposal is meant; the newest version where nothing more is said. */
export interface Choice {
  readonly tenant: Name;
  readonly name: Name;
  readonly version: bigint | undefined;
  readonly digest: Digest | undefined;
}

/** Finds the one proposal that is meant. @throws NOT_FOUND, USAGE where several of one version would do */
export function chooseProposal(choice: Choice, state: LedgerState): ProposalRecord {
  const { tenant, name, version, digest } = choice;
  const resource = resourceIdOf({ tenant, name });
  const open = [...state.proposals.values()]
    .filter((proposal) => proposal.resource === resource)
    .filter((proposal) => version === undefined || proposal.version === version)
    .filter((proposal) => digest === undefined || proposal.digest === digest)
    .toSorted((a, b) => (a.version > b.version ? -1 : 1));
  const [newest, ...others] = open;
  if (newest === undefined) {
    throw new DewproofError(
      'NOT_FOUND',
      `Nothing of ${name} waits for approval as asked; see \`dewproof get proposals\`.`,
    );
  }
  const rivals = others.filter((other) => other.version === newest.version);
  if (rivals.length === 0) return newest;
  const digests = [newest, ...rivals].map((rival) => rival.digest).join(' or ');
  throw new DewproofError(
    'USAGE',
    `Several proposals are version ${newest.version} of ${name}; say --digest ${digests}.`,
  );
}

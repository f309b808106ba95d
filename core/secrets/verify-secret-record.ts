import type { Digest } from '../digest.ts';
import { DewproofError } from '../errors.ts';
import { resourceIdOf } from '../ids.ts';
import { isSameLedger } from '../ledger/is-same-ledger.ts';
import type { LedgerIdentity } from '../ledger/records.ts';
import { verifyAccess, type FactAging, type PolicyFacts } from '../policy.ts';
import type { IsSignedBy } from '../signatures.ts';
import { digestOfStatement, secretMessage, statementOf, type SecretNames, type SecretRecord } from './secret-record.ts';

/** How far one version may be ahead of the last: further, a manager gone bad could leave no room for a good one. */
export const MAX_SECRET_VERSION_JUMP = 1000;

/** A version of a secret that was accepted: its number and its statement's digest. */
export interface SeenSecret {
  readonly version: number;
  readonly digest: Digest;
}

/** A record as a server gave it, and what it is held against; `now` in Unix seconds. */
export interface SecretRecordQuestion {
  readonly record: SecretRecord;
  readonly asked: SecretNames;
  readonly ledger: LedgerIdentity;
  readonly facts: PolicyFacts;
  readonly now: bigint;
  /** How old the policies are; all count fully where left out. */
  readonly aging?: FactAging;
  readonly lastSeen: SeenSecret | undefined;
}

declare const verified: unique symbol;
/** A record that passed every check; `verifySecretRecord` alone makes one. */
export type VerifiedSecretRecord = SecretRecord & { readonly [verified]: 'secret-record' };

/**
 * Verifies that a secret's record is of this ledger and this name, by an account that may `manage` the resource, and
 * no older than the last. It does not check a value: whoever opens a copy holds it against the commitment.
 * @throws WRONG_CHAIN, WRONG_RESOURCE, UNAUTHENTICATED, FORBIDDEN, FREEZE, ROLLBACK, EQUIVOCATION,
 * FAST_FORWARD
 */
export function verifySecretRecord(
  question: SecretRecordQuestion,
  deps: { readonly isSignedBy: IsSignedBy },
): VerifiedSecretRecord {
  const { record, asked } = question;
  verifyLedger(question);
  if (record.tenant !== asked.tenant || record.resource !== asked.resource || record.name !== asked.name) {
    throw new DewproofError('WRONG_RESOURCE', `This is the record of another secret, not of ${shown(asked)}.`);
  }
  verifyAuthor(question, deps);
  verifyProgress(question);
  return record as VerifiedSecretRecord;
}

/** Another ledger's record: there the author may manage what it may not here. */
function verifyLedger({ record, ledger, asked }: SecretRecordQuestion): void {
  if (isSameLedger([record.ledger, ledger])) return;
  throw new DewproofError('WRONG_CHAIN', `The record of ${shown(asked)} is of another ledger; set the secret here.`);
}

/** Whoever can reach a dew can send it a record; only the ledger says whose counts. */
function verifyAuthor(
  { record, asked, facts, now, aging }: SecretRecordQuestion,
  { isSignedBy }: { readonly isSignedBy: IsSignedBy },
): void {
  const message = secretMessage(statementOf(record));
  if (!isSignedBy({ account: record.author, message, signature: record.signature })) {
    throw new DewproofError(
      'UNAUTHENTICATED',
      `The record of ${shown(asked)} is not signed by its author; have it set again.`,
    );
  }
  const resource = resourceIdOf({ ...asked, name: asked.resource });
  verifyAccess({ account: record.author, resource, action: 'manage', now, ...(aging && { aging }) }, facts);
}

/** An old value put back, two of one version, or a version that leaves no room: as with configurations. */
function verifyProgress({ record, asked, lastSeen }: SecretRecordQuestion): void {
  if (lastSeen === undefined) return;
  const versions = `version ${record.version} of ${shown(asked)} after ${lastSeen.version}`;
  if (record.version < lastSeen.version) {
    throw new DewproofError('ROLLBACK', `A server shows ${versions}; ask one that is not behind.`);
  }
  if (record.version === lastSeen.version && digestOfStatement(statementOf(record)) !== lastSeen.digest) {
    throw new DewproofError('EQUIVOCATION', `A server shows another ${versions}; set the secret again.`);
  }
  if (record.version - lastSeen.version > MAX_SECRET_VERSION_JUMP) {
    throw new DewproofError('FAST_FORWARD', `A server shows ${versions}; ask its author, or use a new name for it.`);
  }
}

/** A secret's name for people. */
function shown({ resource, name }: SecretNames): string {
  return `${resource}/${name}`;
}

import { DewproofError } from '../../core/errors.ts';

/**
 * A refusal of a proof; `check` names, for tests and logs, which check it was that failed.
 * What is wrong with a proof its holder can't mend: the remedy is always another one.
 */
export function refuseProof(check: string, what: string): DewproofError {
  return new DewproofError('PROOF_INVALID', `The proof does not hold: ${what}. Fetch another one.`, {
    details: { check },
  });
}

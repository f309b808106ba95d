import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';

/** The error of a transaction that was sent, of which nobody can say whether it was taken up. */
export function uncertain({
  transaction,
  cause,
}: {
  readonly transaction: Bytes32;
  readonly cause: unknown;
}): DewproofError {
  return new DewproofError(
    'LEDGER_UNAVAILABLE',
    `The node did not tell what became of transaction ${transaction}; look whether it was taken up before repeating it.`,
    { cause, details: { transaction } },
  );
}

import { DewproofError } from '../../../core/errors.ts';
import type { QbftExtra } from './extra-data.ts';

/**
 * Refuses a header that lists validators where, by the anchor, a contract names them: no honest node makes one (Besu's
 * QbftValidatorsValidationRule) unless the chain's operators changed how validators are chosen. @throws PROOF_INVALID
 */
export function verifyListless({ validators }: Pick<QbftExtra, 'validators'>): void {
  if (validators.length === 0) return;
  throw new DewproofError(
    'PROOF_INVALID',
    'The proof does not hold: a header lists validators, and by the anchor a contract names them. Get a new anchor.',
    { details: { check: 'extra-listed' } },
  );
}

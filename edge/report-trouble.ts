import type { DewproofError } from '../core/errors.ts';
import type { Applied } from './apply-version.ts';
import { codedError } from './coded-error.ts';
import type { Refusals } from './refusals.ts';

/** Tells what went wrong with a resource; where it was with one version, that keeps it as its last error. Answers it, coded. */
export function reportTrouble(
  { unit, slot }: Pick<Applied, 'unit'> & Partial<Applied>,
  { error, refusals }: { readonly error: unknown; readonly refusals: Refusals },
): DewproofError {
  const coded = codedError(error, { code: 'INTERNAL', what: 'It failed' });
  refusals.record({ about: `${unit.tenant}/${unit.name}`, code: coded.code, message: coded.message });
  if (slot !== undefined) slot.lastError = coded;
  return coded;
}

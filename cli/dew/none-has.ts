import { DewproofError } from '../../core/errors.ts';
import type { DewClient } from './dew-client.ts';

/**
 * The refusal where no dew has what is needed. A home that names none asked nobody, and its owner would look in vain
 * for what is wrong with dews or proposers.
 */
export function noneHas(what: string, { dews, remedy }: { dews: readonly DewClient[]; remedy: string }): DewproofError {
  if (dews.length > 0) return new DewproofError('NOT_FOUND', `No dew has ${what}; ${remedy}.`);
  return new DewproofError('CONFIG', `config.yaml names no dew to ask for ${what}; add one under dews.`);
}

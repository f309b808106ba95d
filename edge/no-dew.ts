import { DewproofError } from '../core/errors.ts';

/** What becomes of a request where the device has no dew to send it to. */
export function noDew(): DewproofError {
  return new DewproofError(
    'DEW_UNAVAILABLE',
    'No dew is configured; name one under dews of config.yaml or with --dew.',
  );
}

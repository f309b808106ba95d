import type { DewproofError } from '../core/errors.ts';
import { codedError } from './coded-error.ts';
import type { Refusals } from './refusals.ts';

/** Why the disk does not take what a device keeps. */
export interface DiskTrouble {
  /** Makes what hears of every commit of one part: undefined, or why it failed. */
  of(part: 'readings' | 'key-values'): (error: unknown) => void;
  /** Of any part; undefined while all are well. */
  readonly current: () => DewproofError | undefined;
}

/** Makes the watch over several parts: that one of them is written is no news of the others. */
export function createDiskTrouble(refusals: Refusals): DiskTrouble {
  const troubles = new Map<string, DewproofError>();
  return {
    of: (part) => (error) => {
      if (error === undefined) {
        troubles.delete(part);
        return;
      }
      const trouble = codedError(error, { code: 'STORE_CORRUPT', what: `The database takes no ${part}` });
      troubles.set(part, trouble);
      refusals.record({ about: part, code: trouble.code, message: trouble.message });
    },
    current: () => [...troubles.values()][0],
  };
}

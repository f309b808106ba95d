import type { Response } from 'express';
import { DewproofError } from '../../core/errors.ts';

/** Room for the bodies of all requests together, whichever routes they go to. */
export interface BodyBudget {
  /** Counts for one request, until its answer has gone out. */
  readonly reserveFor: (response: Response) => (bytes: number) => void;
}

/** Makes room for so many bytes of bodies at once; one that does not fit is refused with TIMEOUT. */
export function createBodyBudget({ maxBytes }: { readonly maxBytes: number }): BodyBudget {
  let heldByAll = 0;
  return {
    reserveFor: (response) => {
      let held = 0;
      response.once('close', () => {
        heldByAll -= held;
      });
      return (bytes) => {
        if (heldByAll + bytes > maxBytes) throw new DewproofError('TIMEOUT', 'Too much is being sent here: try later.');
        held += bytes;
        heldByAll += bytes;
      };
    },
  };
}

import { DewproofError } from '../../../core/errors.ts';
import type { Ending } from './protocol.ts';
import { parseScriptJson } from './serve-call.ts';
import { callersCodes, MAX_VIEW_LENGTH } from './script-limits.ts';

const MAX_VIEWS = 32;

/** Callers that wait for a script's views. */
export interface PendingViews {
  /** Waits for one. @throws UNHEALTHY (too many wait), TIMEOUT, SCRIPT_ERROR, NOT_FOUND, SCHEMA, ENDLESS_DATA, TOO_DEEP */
  expect(id: number): Promise<unknown>;
  settle(id: number, ending: Ending): void;
  refuseAll(): void;
  /** The error for a script that can't answer now. */
  refusal(): DewproofError;
}

/** Makes an empty list; each caller waits for at most `viewMs`. */
export function createPendingViews(viewMs: number): PendingViews {
  const waiting = new Map<
    number,
    { readonly settle: (ending: Ending) => void; readonly fail: (error: Error) => void }
  >();
  const refusal = () => new DewproofError('UNHEALTHY', 'The script is not there now; try again soon.');
  return {
    expect: (id) => {
      if (waiting.size >= MAX_VIEWS) {
        return Promise.reject(
          new DewproofError('UNHEALTHY', `The script answers at most ${MAX_VIEWS} callers at once.`),
        );
      }
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new DewproofError('TIMEOUT', `The script did not answer within ${viewMs} ms; try again.`));
      }, viewMs);
      const finish = (act: () => void) => {
        clearTimeout(timer);
        waiting.delete(id);
        act();
      };
      waiting.set(id, {
        settle: (ending) => {
          finish(() => {
            try {
              resolve(valueOfView(ending));
            } catch (error) {
              reject(error);
            }
          });
        },
        fail: (error) => {
          finish(() => {
            reject(error);
          });
        },
      });
      return promise;
    },
    settle: (id, ending) => waiting.get(id)?.settle(ending),
    refuseAll: () => {
      for (const { fail } of [...waiting.values()]) fail(refusal());
    },
    refusal,
  };
}

/** What a view was answered with. @throws UNHEALTHY, SCRIPT_ERROR, NOT_FOUND, SCHEMA, ENDLESS_DATA, TOO_DEEP */
export function valueOfView(ending: Ending): unknown {
  if ('json' in ending) return parseScriptJson(ending.json, MAX_VIEW_LENGTH);
  if ('dropped' in ending) throw new DewproofError('UNHEALTHY', `The script is over its limits (${ending.dropped}).`);
  const { code, message } = ending.error;
  const known = callersCodes.find((one) => one === code);
  if (known !== undefined) throw new DewproofError(known, message.replace(/^\w{1,64}: /, ''));
  throw new DewproofError('SCRIPT_ERROR', 'The script failed to answer; its log says why.', { details: { message } });
}

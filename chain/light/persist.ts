import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../../core/errors.ts';
import { backoffMs, MAX_BACKOFF_MS } from '../backoff.ts';

/** Until when to keep trying, and who hears of what went wrong. */
export interface Persistence {
  readonly signal: AbortSignal;
  readonly onTrouble: (error: Error) => void;
}

/**
 * Asks the ledger again and again, while it is out of reach or behind; every other error is thrown.
 * @throws what `signal` aborts with
 */
export async function persist<T>(ask: () => Promise<T>, { signal, onTrouble }: Persistence): Promise<T> {
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!hasCode(error, 'LEDGER_UNAVAILABLE', 'LEDGER_BEHIND')) throw error;
      onTrouble(error);
      await sleep(backoffMs({ failures, maxMs: MAX_BACKOFF_MS }), undefined, { signal });
    }
  }
}

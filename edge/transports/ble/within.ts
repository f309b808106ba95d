import { DewproofError } from '../../../core/errors.ts';
import { sleep } from '../../../platform/sleep.ts';
import { codedError } from '../../coded-error.ts';

/** How long to wait for an answer, and for what, as in `The adapter`. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly what: string;
  /** Whose fault it is where no answer comes: the link's, which is the default, or the sensor's. */
  readonly code?: 'LINK_MISSING' | 'SENSOR_UNAVAILABLE';
}

/**
 * Waits for an answer over D-Bus, which may never come: a call on a connection that is gone settles never.
 * @throws LINK_MISSING, SENSOR_UNAVAILABLE (no answer in time, or an error), the signal's reason
 */
export async function within<Answer>(
  call: Promise<Answer>,
  { timeoutMs, signal, what, code = 'LINK_MISSING' }: Patience,
): Promise<Answer> {
  // One that fails after all was given up on.
  call.catch(() => undefined);
  signal.throwIfAborted();
  const answered = new AbortController();
  const timeout = sleep(timeoutMs, AbortSignal.any([signal, answered.signal])).then(() => {
    signal.throwIfAborted();
    throw new DewproofError(code, `${what} did not answer within ${timeoutMs} ms.`);
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([call, timeout]);
  } catch (error) {
    signal.throwIfAborted();
    throw codedError(error, { code, what: `${what} failed` });
  } finally {
    answered.abort();
  }
}

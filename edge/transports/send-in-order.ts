import { DewproofError } from '../../core/errors.ts';
import type { Outlet } from '../bus/bus.ts';

/** Sends one payload within `deadlineMs`, or throws a code. */
export type SendOnce = (payload: Uint8Array, options: { readonly deadlineMs: number }) => Promise<void>;

const ACT_WITHIN_MS = 10_000;
const MAX_WAITING = 16;
// Less than this is no time in which an actuator could answer.
const LEAST_MS = 100;

/**
 * An outlet whose messages reach the actuator one after the other, in the order of the calls. What waited too long is
 * not sent at all: an actuator that moves long after it was told to is a danger, and so is what still waits when the
 * outlet closes, as another version acts from then on. Callers wait `withinMs` (default 10,000), time in the queue
 * among it.
 */
export function sendInOrder(sendOnce: SendOnce, { withinMs = ACT_WITHIN_MS }: { withinMs?: number } = {}): Outlet {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;

  async function sendNext(payload: Uint8Array, untilMs: number): Promise<void> {
    if (isClosed) throw unsent('The version that told the actuator stopped');
    const deadlineMs = Math.floor(untilMs - performance.now());
    if (deadlineMs < LEAST_MS) throw unsent('The actuator is busy');
    await sendOnce(payload, { deadlineMs });
  }

  return {
    send: async (payload) => {
      if (waiting >= MAX_WAITING) throw unsent('The actuator is busy');
      waiting += 1;
      const untilMs = performance.now() + withinMs;
      const sent = last.then(() => sendNext(payload, untilMs));
      last = sent.catch(() => undefined);
      try {
        await sent;
      } finally {
        waiting -= 1;
      }
    },
    close: () => {
      isClosed = true;
    },
  };
}

function unsent(why: string): DewproofError {
  return new DewproofError('ACTUATOR_FAILED', `${why}; this was not sent to it. Try again later.`);
}

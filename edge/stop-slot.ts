import { DewproofError } from '../core/errors.ts';
import type { Applied } from './apply-version.ts';

// Longer than an actuator is waited for: what was sent to it is done, or given up, before another version acts.
const STOP_WITHIN_MS = 15_000;

/**
 * Ends whatever a version is doing; `unit.stopping` settles when it is gone, and nothing of the unit starts before.
 * A host that does not stop in time is left behind: it must not hold up what comes after it.
 */
export function stopSlot({ unit, slot }: Applied, onTrouble: (error: unknown) => void): void {
  slot.abort.abort();
  slot.phase = 'idle';
  const { host } = slot;
  slot.host = undefined;
  if (host === undefined) return;
  unit.isStopping = true;
  const stopping = Promise.all([unit.stopping, stopWithin(() => host.stop()).catch(onTrouble)]).then(() => {
    if (unit.stopping === stopping) unit.isStopping = false;
  });
  unit.stopping = stopping;
}

async function stopWithin(stop: () => Promise<void>): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new DewproofError('TIMEOUT', `A resource did not stop within ${STOP_WITHIN_MS} ms and was left behind.`));
  }, STOP_WITHIN_MS);
  try {
    await Promise.race([stop(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

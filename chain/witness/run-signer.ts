import { setTimeout as sleep } from 'node:timers/promises';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { backoffMs } from '../backoff.ts';
import type { Signer } from './create-signer.ts';

/** How often a witness looks at its node, until when, and who hears of what goes wrong. */
export interface SignerRun {
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly onTrouble: (error: DewproofError) => void;
}

/** A node is asked again at least this often, or a witness that came back would be missed for long. */
const MAX_WAIT_MS = 15_000;

/** Has a witness look at its node again and again until `signal` aborts; what has no code ends it. */
export async function runSigner(
  signer: Pick<Signer, 'look'>,
  { everyMs, signal, onTrouble }: SignerRun,
): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    try {
      await signer.look(signal);
      failures = 0;
    } catch (error) {
      if (isAborted(signal)) return;
      if (!hasCode(error)) throw error;
      onTrouble(error);
      failures += 1;
    }
    const waitMs = everyMs + (failures === 0 ? 0 : backoffMs({ failures, maxMs: MAX_WAIT_MS }));
    await sleep(waitMs, undefined, { signal }).catch((error: unknown) => {
      if (!isAborted(signal)) throw error;
    });
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

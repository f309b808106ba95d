import { sleep } from '../../platform/sleep.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';

/** A small file of this host. */
const LOOK_EVERY_MS = 5_000;

/**
 * Resolves once `read` (the home's configuration) says where one of `witnesses` answers, by name; never where `signal`
 * aborts first. What does not read is looked at again: somebody may be writing it.
 */
export async function awaitNamed(
  witnesses: readonly string[],
  {
    read,
    signal,
    everyMs = LOOK_EVERY_MS,
  }: {
    readonly read: () => Promise<readonly WitnessAddress[]>;
    readonly signal: AbortSignal;
    readonly everyMs?: number;
  },
): Promise<void> {
  let isNamed = false;
  while (!isNamed) {
    await sleep(everyMs, signal);
    if (signal.aborted) return new Promise(() => undefined);
    const addresses = await read().catch(() => []);
    isNamed = addresses.some(({ name }) => witnesses.includes(name));
  }
}

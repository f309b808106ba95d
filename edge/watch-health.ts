import { durationMs } from '../core/document/duration.ts';
import type { VirtualResource } from '../core/document/schema.ts';
import { DewproofError, type ErrorCode } from '../core/errors.ts';
import { sleep } from '../platform/sleep.ts';
import { codedError } from './coded-error.ts';
import type { Host } from './hosts/host.ts';

/** How a resource is; `cause` is why the last probe failed. */
export interface Health {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failures: number;
  readonly cause: { readonly code: ErrorCode; readonly message: string } | undefined;
}

/** Before anything is known. */
export const startingHealth: Health = { status: 'starting', failures: 0, cause: undefined };

// Docker's start_interval: a document's interval is for the long run, nobody waits 10 s for a first answer.
const START_INTERVAL_MS = 100;

/** Whom to probe, how, and until when; `onChange` hears of every probe's result. */
export interface HealthWatch {
  readonly host: Host;
  readonly health: VirtualResource['spec']['health'];
  readonly signal: AbortSignal;
  readonly onChange: (health: Health) => void;
}

/**
 * Waits until a probe succeeds. As in Docker, failures within `startPeriod` do not count, then `retries` in a row do.
 * @throws the last probe's code where a lack around the host is to blame, else UNHEALTHY; the signal's reason
 */
export async function waitHealthy(watch: HealthWatch): Promise<void> {
  const intervalMs = Math.min(START_INTERVAL_MS, durationMs(watch.health.interval));
  const startedMs = performance.now();
  let failures = 0;
  for (;;) {
    const cause = await probe(watch);
    watch.signal.throwIfAborted();
    if (cause === undefined) return;
    const isStarting = performance.now() - startedMs < durationMs(watch.health.startPeriod);
    failures += isStarting ? 0 : 1;
    watch.onChange({ status: isStarting ? 'starting' : 'unhealthy', failures, cause });
    if (failures >= watch.health.retries) throw cause;
    await sleep(intervalMs, watch.signal);
  }
}

/** Probes a running host until `signal` aborts; `onUnhealthy` hears of each time that `retries` failed in a row. */
export async function watchHealth(watch: HealthWatch & { onUnhealthy: (cause: DewproofError) => void }): Promise<void> {
  const startedMs = performance.now();
  let wasHealthy = false;
  let failures = 0;
  for (;;) {
    const cause = await probe(watch);
    if (watch.signal.aborted) return;
    const isStarting = !wasHealthy && performance.now() - startedMs < durationMs(watch.health.startPeriod);
    failures = cause === undefined ? 0 : failures + (isStarting ? 0 : 1);
    wasHealthy ||= cause === undefined;
    const isUnhealthy = failures >= watch.health.retries;
    watch.onChange({ status: isUnhealthy ? 'unhealthy' : wasHealthy ? 'healthy' : 'starting', failures, cause });
    if (cause !== undefined && isUnhealthy) watch.onUnhealthy(cause);
    const intervalMs = durationMs(watch.health.interval);
    await sleep(wasHealthy ? intervalMs : Math.min(START_INTERVAL_MS, intervalMs), watch.signal);
  }
}

/** A host that ignores its signal is not waited for longer than `timeout`. */
async function probe({ host, health, signal }: HealthWatch): Promise<DewproofError | undefined> {
  const timeoutMs = durationMs(health.timeout);
  const ended = new AbortController();
  const timeout = sleep(timeoutMs, AbortSignal.any([signal, ended.signal])).then(() => {
    throw new DewproofError('UNHEALTHY', `A health probe did not answer within ${timeoutMs} ms; see its log.`);
  });
  timeout.catch(() => undefined);
  try {
    await Promise.race([host.probe(signal), timeout]);
    return undefined;
  } catch (error) {
    return codedError(error, { code: 'UNHEALTHY', what: 'A health probe failed' });
  } finally {
    ended.abort();
  }
}

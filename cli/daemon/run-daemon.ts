import { constants } from 'node:os';
import type { Account } from '../../core/account.ts';
import type { Log } from '../../platform/log.ts';

/** A daemon that serves. */
export interface RunningDaemon {
  readonly url: string;
  readonly mqttUrl?: string;
  /** Where metrics are served unsigned, where they are. */
  readonly metricsUrl?: string;
  /** Who it is on the chain; a witness has its name and key instead. */
  readonly account?: Account;
  readonly witness?: { readonly name: string; readonly publicKey: string };
  /** Resolved once it has closed, by whomever. */
  readonly closed: Promise<unknown>;
  close(): Promise<void>;
}

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Prints the one line that scripts wait for, then serves until the daemon is closed by its operator or by a signal.
 * The first signal closes it in order, so that nothing acknowledged is lost; a second one ends the process at once.
 */
export async function runDaemon(daemon: RunningDaemon, log: Log): Promise<void> {
  const { url, mqttUrl, metricsUrl, account, witness } = daemon;
  let stopping: Promise<void> | undefined;
  const onSignal = (signal: (typeof signals)[number]) => {
    if (stopping !== undefined) process.exit(128 + constants.signals[signal]);
    log.info({ signal }, 'stopping; a second signal ends it at once');
    stopping = daemon.close();
    stopping.catch((error: unknown) => {
      log.error({ error }, 'closing failed');
    });
  };
  for (const signal of signals) process.on(signal, onSignal);
  process.stdout.write(`${JSON.stringify({ ready: true, url, mqttUrl, metricsUrl, account, witness })}\n`);
  try {
    await daemon.closed;
    await stopping;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

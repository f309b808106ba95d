import { styleText } from 'node:util';
import { hasCode } from '../../core/errors.ts';
import type { Site } from './open-site.ts';

/** What a command that opens a site is given. */
export interface SiteRun {
  /** Shows what happens, with the seconds since the command began. */
  readonly step: (message: string) => void;
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  /** From now on an interrupt stops this site; before, whoever opens it sees the abort and stops what it has started. */
  readonly keep: (site: Pick<Site, 'stop'>) => void;
}

/**
 * Has `act` open a site and show it, and leaves that running until Ctrl-C, or stops it at once where `once` says so.
 * The process ends with 0; with 1 where `act` fails, as the command `name` says; with 130 where it is interrupted first.
 */
export async function runSite(
  { name, once }: { readonly name: string; readonly once: boolean },
  act: (run: SiteRun) => Promise<void>,
): Promise<void> {
  const { stop, ...run } = startRun();
  try {
    await act(run);
    if (once) await stop(0);
    console.log(`\nCtrl-C stops the site.`);
  } catch (error) {
    if (run.signal.aborted) await stop(130);
    const code = hasCode(error) ? `${error.code}: ` : '';
    console.error(`${name}: ${code}${error instanceof Error ? error.message : String(error)}`);
    await stop(1);
  }
}

function startRun(): SiteRun & { readonly stop: (exitCode: number) => Promise<never> } {
  const step = createStep();
  const interrupted = new AbortController();
  let site: Pick<Site, 'stop'> | undefined;
  let stopping = false;
  const stop = async (exitCode: number): Promise<never> => {
    stopping = true;
    await site?.stop();
    process.exit(exitCode);
  };
  const interrupt = (): void => {
    if (stopping) return;
    stopping = true;
    step('stopping every process');
    interrupted.abort();
    if (site) void stop(0);
  };
  // SIGHUP: its terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  return { step, signal: interrupted.signal, keep: (opened) => (site = opened), stop };
}

function createStep(): SiteRun['step'] {
  const startedAt = performance.now();
  return (message) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
    console.log(`${styleText('dim', `${seconds} s`)}  ${message}`);
  };
}

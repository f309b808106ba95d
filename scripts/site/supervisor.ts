import type { SiteProcess } from './processes.ts';

/** Starts a process anew with the command that it was first started with, once it is ready. */
export type Start = () => Promise<SiteProcess>;

/** The processes of a site by name, in the order in which they were started. */
export interface Supervisor {
  run(name: string, start: Start): Promise<void>;
  /** `kill -9`: the process has no chance to save anything. */
  kill(name: string): Promise<void>;
  /** Starts a process that was killed, as it was started the first time. */
  restart(name: string): Promise<void>;
  /** The process of this name as the operating system knows it; undefined where it does not run. */
  pid(name: string): number | undefined;
  /** Stops all, the last one first. */
  stop(): Promise<void>;
}

/** Makes a supervisor of no processes. */
export function createSupervisor(): Supervisor {
  const starts = new Map<string, Start>();
  const running = new Map<string, SiteProcess>();
  const starting = new Set<Promise<unknown>>();
  let stopping: Promise<void> | undefined;
  const run = async (name: string, start: Start): Promise<void> => {
    starts.set(name, start);
    const started = start();
    starting.add(started);
    try {
      running.set(name, await started);
    } finally {
      starting.delete(started);
    }
  };
  const stopAll = async (): Promise<void> => {
    // What is still coming up would outlive us.
    await Promise.allSettled(starting);
    for (const process of [...running.values()].reverse()) await process.stop();
  };
  return {
    run,
    kill: async (name) => {
      await running.get(name)?.stop('SIGKILL');
      running.delete(name);
    },
    restart: async (name) => {
      const start = starts.get(name);
      if (start === undefined) throw new TypeError(`nothing called ${name} was started`);
      await run(name, start);
    },
    pid: (name) => running.get(name)?.pid,
    // Whoever asks again waits for the same end: a second caller must not exit before the first one is done.
    stop: () => (stopping ??= stopAll()),
  };
}

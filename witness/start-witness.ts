import type { DewproofError } from '../core/errors.ts';
import type { NoteSource } from '../core/witness/ports.ts';
import type { Clock } from '../platform/clock.ts';
import { startControlServer } from '../platform/control/control-server.ts';
import { logStream } from '../platform/control/log-stream.ts';
import { createApp } from '../platform/http/create-app.ts';
import { listen, type Listening } from '../platform/http/listen.ts';
import type { Log } from '../platform/log.ts';
import type { LogRing } from '../platform/log-ring.ts';
import { listenForMetrics, type MetricsListener } from '../platform/metrics/metrics-routes.ts';
import { witnessRoutes } from './http/witness-routes.ts';
import { createWitnessMetrics, type WitnessMetrics } from './metrics/witness-metrics.ts';
import { readWitnessStatus, type WitnessStatus } from './status.ts';

/** What a witness signs with and where it serves. */
export interface WitnessOptions {
  readonly config: {
    /** Holds the control socket (and the store, which whoever opened `notes` holds open). */
    readonly dataFolder: string;
    readonly host: string;
    /** 0 is any free one. */
    readonly port: number;
    /** Where metrics are served unsigned; nowhere where left out. */
    readonly metrics?: MetricsListener | undefined;
  };
  readonly notes: NoteSource;
  /** Signs until `signal` aborts; ends early only where something unforeseen happened. */
  readonly run: (deps: {
    readonly signal: AbortSignal;
    readonly onTrouble: (error: DewproofError) => void;
  }) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly logRing?: LogRing;
}

/** A running witness. */
export interface WitnessDaemon {
  readonly url: string;
  /** `http://host:port/metrics`, unsigned, where that was asked for. */
  readonly metricsUrl?: string;
  status(): WitnessStatus;
  /** Resolved once it is closed; rejected where it closed itself, because signing failed for an unforeseen reason. */
  readonly closed: Promise<unknown>;
  close(): Promise<void>;
}

/** Starts a witness's faces, then has it sign. @throws PORT_IN_USE, CONFIG, STORE_LOCKED */
export async function startWitness(options: WitnessOptions): Promise<WitnessDaemon> {
  const { config, notes, run, clock, log, logRing } = options;
  const metrics = createWitnessMetrics(notes);
  const faces = await openFaces({ ...options, metrics });
  const { url } = faces;
  const status = (): WitnessStatus => readWitnessStatus(notes.standing(), { url, clock });
  const { promise: closed, resolve, reject } = Promise.withResolvers<undefined>();
  closed.catch(() => undefined);
  const stopping = new AbortController();
  const commands = {
    status: () => Promise.resolve(status()),
    stop: () => {
      // Answered first: closing waits until this very answer has gone out.
      setImmediate(() => void close());
      return Promise.resolve({ stopping: true });
    },
  };
  const control = await startControlServer({
    folder: config.dataFolder,
    commands,
    ...(logRing && { streams: { logs: logStream(logRing) } }),
    log,
  }).catch(async (error: unknown) => {
    await faces.close();
    throw error;
  });
  const logTrouble = troubleLog(log);
  const onTrouble = (error: DewproofError) => {
    metrics.refused({ by: 'daemon', code: error.code });
    logTrouble(error);
  };
  const signing = run({ signal: stopping.signal, onTrouble }).catch((error: unknown) => {
    log.fatal({ error }, 'signing ended for an unforeseen reason');
    reject(error instanceof Error ? error : new Error('signing ended', { cause: error }));
    void close();
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeAll().finally(() => {
      resolve(undefined);
    });
    return closing;
  };
  async function closeAll(): Promise<void> {
    stopping.abort();
    await signing;
    await Promise.all([control.close(), faces.close()]);
  }
  const { metricsUrl } = faces;
  return { url, ...(metricsUrl !== undefined && { metricsUrl }), status, closed, close };
}

/** Opens its port for notes, and that for metrics where one was asked for; none stays open where one can't be. */
async function openFaces({
  config: { host, port, metrics: listener },
  notes,
  clock,
  log,
  metrics,
}: WitnessOptions & { readonly metrics: WitnessMetrics }): Promise<Listening & { readonly metricsUrl?: string }> {
  const { registry, timeCalls, answered } = metrics;
  const routes = witnessRoutes({ notes, clock, answered });
  const server = await listen(createApp({ routes, log, timeCalls }), { host, port });
  if (listener === undefined) return server;
  const metricsServer = await listenForMetrics(listener, { registry, log }).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  return {
    ...server,
    metricsUrl: `${metricsServer.url}/metrics`,
    close: async () => {
      await Promise.all([server.close(), metricsServer.close()]);
    },
  };
}

/** Logs a trouble when it comes, not with each look that meets it again. */
function troubleLog(log: Log): (error: DewproofError) => void {
  let last = '';
  return (error) => {
    const { code, message, details } = error;
    if (message === last) log.debug({ code }, message);
    else log[code === 'EQUIVOCATION' || code === 'WRONG_CHAIN' ? 'error' : 'warn']({ code, details }, message);
    last = message;
  };
}

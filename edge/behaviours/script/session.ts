import { DewproofError } from '../../../core/errors.ts';
import type { ViewQuery } from '../../hosts/host.ts';
import type { Reach } from '../../reach/reach.ts';
import type { ReadingEvent } from '../behaviour.ts';
import { answerCall } from './answer-call.ts';
import { lineOf } from './guest-error.ts';
import type { Ending, FromWorker, GuestConfig, GuestEvent, ToWorker } from './protocol.ts';
import { parseLogEntry } from './serve-call.ts';
import type { ScriptLimits } from './script-limits.ts';
import { createPendingViews } from './pending-views.ts';

const MAX_QUEUE = 1_000;
// Enough to keep a worker busy, few enough that a restart loses little.
const WINDOW = 64;

/** What a script is run from, wherever and however often it is loaded. */
export interface SessionOptions {
  readonly script: number;
  readonly source: string;
  readonly limits: ScriptLimits;
  readonly config: GuestConfig;
  readonly reach: Reach;
  readonly clock: () => number;
  /** The script broke in its worker, or did not load again. */
  readonly onBroken: (reason: string, message: string) => void;
}

/** One script as the host sees it; it outlives the workers that it is loaded into. */
export interface Session {
  readonly script: number;
  /** Loads it into a worker. */
  attach(send: (message: ToWorker) => void): void;
  /** The worker is gone, and what it had of this script with it. */
  detach(): void;
  receive(message: FromWorker): void;
  /** Settles when it was loaded for the first time. @throws SCRIPT_ERROR */
  readonly firstLoad: Promise<void>;
  /** It was ended while it loaded: it shall not be tried again where it never loaded before. */
  refuseFirst(why: string): void;
  isLoaded(): boolean;
  activate(): void;
  deliver(event: ReadingEvent): void;
  /** @throws UNHEALTHY, TIMEOUT, SCRIPT_ERROR, NOT_FOUND, SCHEMA, ENDLESS_DATA, TOO_DEEP */
  computeView(view: string, query: ViewQuery): Promise<unknown>;
  count(reason: string): void;
  dropped(): Readonly<Record<string, number>>;
  end(): void;
}

/** Makes a session; nothing runs before `attach`. */
export function createSession(options: SessionOptions): Session {
  const { script, reach, limits } = options;
  const counts = new Map<string, number>();
  const queue: ReadingEvent[] = [];
  const inFlight = new Set<number>();
  const views = createPendingViews(limits.viewMs);
  const first = Promise.withResolvers<undefined>();
  let send: ((message: ToWorker) => void) | undefined;
  let isLoaded = false;
  let isActive = false;
  let lastId = 0;
  // A start may be given up before anyone waits for it.
  first.promise.catch(() => undefined);

  function count(reason: string, times = 1): void {
    counts.set(reason, (counts.get(reason) ?? 0) + times);
  }

  function nextId(): number {
    lastId += 1;
    return lastId;
  }

  function begin(): void {
    if (!isLoaded || !isActive || send === undefined) return;
    send({ kind: 'activate', script });
    send({ kind: 'events', script, events: [{ kind: 'start', id: nextId() }] });
    pump();
  }

  function pump(): void {
    if (!isLoaded || !isActive || send === undefined || queue.length === 0) return;
    const events: GuestEvent[] = queue.splice(0, WINDOW - inFlight.size).map(({ input, timeMs, value }) => {
      const id = nextId();
      inFlight.add(id);
      return { kind: 'reading', id, input, time: timeMs, value };
    });
    if (events.length > 0) send({ kind: 'events', script, events });
  }

  function ended(id: number, ending: Ending): void {
    if (inFlight.delete(id)) pump();
    else views.settle(id, ending);
  }

  function call({ call: id, json }: Extract<FromWorker, { kind: 'call' }>): void {
    // The worker that asked: an answer must not reach the script that another one loaded meanwhile.
    const answerTo = send;
    answerCall({ call: id, json }, options).then(
      (answer) => {
        if (send === answerTo) answerTo?.({ kind: 'answer', script, json: answer });
      },
      () => {
        count('INTERNAL');
      },
    );
  }

  function receive(message: FromWorker): void {
    switch (message.kind) {
      case 'loaded':
        isLoaded = true;
        first.resolve(undefined);
        begin();
        break;
      case 'refused': {
        const line = lineOf(message.error);
        first.reject(new DewproofError('SCRIPT_ERROR', `The script does not load: ${line}; correct it.`));
        options.onBroken('script-error', line);
        break;
      }
      case 'broke':
        options.onBroken(message.reason, message.message);
        break;
      case 'call':
        call(message);
        break;
      case 'log': {
        const entry = parseLogEntry(message.json);
        if (entry !== undefined) reach.log({ ...entry, source: 'script' });
        break;
      }
      case 'ended':
        ended(message.id, message.ending);
        break;
      case 'count':
        count(message.reason);
        break;
      case 'ready':
      case 'pong':
        break;
    }
  }

  function detach(): void {
    send = undefined;
    isLoaded = false;
    if (inFlight.size > 0) count('restarted', inFlight.size);
    inFlight.clear();
    views.refuseAll();
  }

  return {
    script,
    attach: (to) => {
      send = to;
      to({ kind: 'load', script, source: options.source, limits, config: options.config });
    },
    detach,
    receive,
    firstLoad: first.promise,
    refuseFirst: (why) => {
      first.reject(new DewproofError('SCRIPT_ERROR', `The script does not load: ${why}; do less at its top level.`));
    },
    isLoaded: () => isLoaded,
    activate: () => {
      isActive = true;
      begin();
    },
    deliver: (event) => {
      if (!isActive) return;
      if (queue.length >= MAX_QUEUE) count('queue-full');
      else queue.push(event);
      pump();
    },
    computeView: (view, query) => {
      if (!isLoaded || send === undefined) return Promise.reject(views.refusal());
      const id = nextId();
      const answer = views.expect(id);
      send({ kind: 'events', script, events: [{ kind: 'view', id, view, query }] });
      return answer;
    },
    count,
    dropped: () => Object.fromEntries(counts),
    end: () => {
      send?.({ kind: 'unload', script });
      first.reject(new DewproofError('UNHEALTHY', 'The script was stopped before it had loaded.'));
      isActive = false;
      queue.length = 0;
      inFlight.clear();
      detach();
    },
  };
}

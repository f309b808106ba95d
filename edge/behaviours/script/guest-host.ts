import { lineOf, type GuestError } from './guest-error.ts';
import type { Ending, GuestConfig } from './protocol.ts';
import { createRateLimit } from './rate-limit.ts';
import type { RunnerOutput } from './runner.ts';
import { callersCodes, MAX_CALL_LENGTH, MAX_CALLS, MAX_TIMERS } from './script-limits.ts';
import type { Timers } from './timers.ts';

const MAX_LOG_LENGTH = 16_384;

/** What the guest's calls stand on; `end` hears how an event ended. */
export interface GuestHostDeps {
  readonly config: GuestConfig;
  readonly clock: () => number;
  readonly output: RunnerOutput;
  readonly timers: Timers;
  /** Tells whether an id is that of a view which somebody waits for. */
  readonly isView: (id: number) => boolean;
  readonly end: (id: number, ending: Ending) => void;
}

/** What answers `host(op, id, json)` of the guest module. */
export interface GuestHost {
  readonly call: (op: string, id: number, json: string) => number | string | undefined;
  readonly activate: () => void;
  readonly isActive: () => boolean;
  /** One call of the guest's was answered. */
  readonly settled: () => void;
  /** Logs what a script threw, as long as its share of lines lasts. */
  readonly report: (error: GuestError) => void;
  /** Tells whether a handler failed since this was last asked. */
  readonly sawFailure: () => boolean;
}

/** Makes the host of one guest. Whatever comes in was written by the script: texts are bounded before they are read. */
export function createGuestHost({ config, clock, output, timers, isView, end }: GuestHostDeps): GuestHost {
  const mayLog = createRateLimit({ perSecond: 10, burst: 50, clock });
  let isActive = false;
  let inFlight = 0;
  let lastCall = 0;
  let hasFailed = false;

  function log(json: string): void {
    if (json.length <= MAX_LOG_LENGTH && mayLog()) output.log(json);
    else output.count('log-flood');
  }

  function report(error: GuestError): void {
    log(JSON.stringify({ level: 'error', text: lineOf(error) }));
  }

  function callHost(json: string): number | string {
    if (!isActive) return refusal('CONFLICT', 'Before onStart() a script calls nobody.');
    if (json.length > MAX_CALL_LENGTH) return counted('too-large', `A call has at most ${MAX_CALL_LENGTH} characters.`);
    if (inFlight >= MAX_CALLS) return counted('calls', `A script waits for at most ${MAX_CALLS} calls at once.`);
    inFlight += 1;
    lastCall += 1;
    output.call(lastCall, json);
    return lastCall;
  }

  function counted(reason: string, message: string): string {
    output.count(reason);
    return refusal('ENDLESS_DATA', message);
  }

  function setTimer(json: string): number | string {
    const { ms, repeat } = parseObject(json);
    const id = timers.set({ ms: typeof ms === 'number' ? ms : 0, repeat: repeat === true });
    return id ?? counted('timers', `A script has at most ${MAX_TIMERS} timers.`);
  }

  function failed(id: number, json: string): void {
    const error = errorOf(json);
    hasFailed = true;
    // A caller who asked for what is not there is no failure of the script's; what was interrupted, its turn counts.
    const isAnswer = isView(id) && callersCodes.some((code) => code === error.code);
    if (!isAnswer && !error.message.startsWith('InternalError: interrupted')) {
      output.count(error.message.startsWith('InternalError: out of memory') ? 'memory' : 'script-error');
      report(error);
    }
    end(id, { error });
  }

  return {
    call: (op, id, json) => {
      switch (op) {
        case 'config':
          return JSON.stringify(config);
        case 'now':
          return clock();
        case 'call':
          return callHost(json);
        case 'log':
          log(json);
          return undefined;
        case 'timer':
          return setTimer(json);
        case 'clear':
          timers.clear(id);
          return undefined;
        case 'done':
          end(id, { json });
          return undefined;
        case 'failed':
          failed(id, json);
          return undefined;
        default:
          return refusal('NOT_FOUND', 'There is no such call.');
      }
    },
    activate: () => {
      isActive = true;
    },
    isActive: () => isActive,
    settled: () => {
      inFlight -= 1;
    },
    report,
    sawFailure: () => {
      const did = hasFailed;
      hasFailed = false;
      return did;
    },
  };
}

function refusal(code: string, message: string): string {
  return JSON.stringify({ code, message });
}

function errorOf(json: string): GuestError {
  const { message, stack, code } = parseObject(json.length <= MAX_CALL_LENGTH ? json : '{}');
  return {
    message: typeof message === 'string' ? message.slice(0, 2_000) : 'an error that can not be shown',
    stack: typeof stack === 'string' ? stack.slice(0, 2_000) : '',
    code: typeof code === 'string' ? code.slice(0, 64) : undefined,
  };
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

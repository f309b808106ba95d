import { createCpuShare } from './cpu-share.ts';
import { createGuest, type Guest, type Turn } from './guest.ts';
import type { GuestError } from './guest-error.ts';
import { createGuestHost } from './guest-host.ts';
import type { Ending, GuestConfig, GuestEvent } from './protocol.ts';
import type { ScriptLimits } from './script-limits.ts';
import { createTimers } from './timers.ts';
import type { WasmModule } from './web-assembly.ts';

/** Whom a script's runner tells what. */
export interface RunnerOutput {
  readonly call: (call: number, json: string) => void;
  readonly log: (json: string) => void;
  readonly ended: (id: number, ending: Ending) => void;
  readonly count: (reason: string) => void;
  readonly broke: (reason: string, error: GuestError) => void;
}

/** What a runner stands on; both clocks in milliseconds. */
export interface RunnerDeps {
  readonly wasm: WasmModule;
  readonly limits: ScriptLimits;
  readonly config: GuestConfig;
  readonly clock: () => number;
  readonly cpuClock: () => number;
  readonly pulse: () => void;
  /** Told before and after every turn, so that others see whose turn it is. */
  readonly mark: (isRunning: boolean) => void;
  readonly output: RunnerOutput;
}

/** One loaded script: what waits for it, and its turns. */
export interface Runner {
  /** From now on it may call the host. */
  activate(): void;
  offer(event: GuestEvent): void;
  /** The JSON of a `GuestAnswer`. */
  answer(json: string): void;
  /** Makes one turn; false where nothing can be done now. */
  next(): boolean;
  /** When there will be something to do, in `clock`'s milliseconds; undefined where only others can give it work. */
  nextMs(): number | undefined;
}

/** Loads a script. Its error where it does not load. */
export async function loadRunner(source: string, deps: RunnerDeps): Promise<Runner | GuestError> {
  const { limits, clock, cpuClock, output } = deps;
  const share = createCpuShare({ cpuMsPerMinute: limits.cpuMsPerMinute, clock });
  const timers = createTimers(clock);
  const waiting: Exclude<GuestEvent, { kind: 'view' }>[] = [];
  const views: Extract<GuestEvent, { kind: 'view' }>[] = [];
  const answers: string[] = [];
  /** Views that were asked and not answered: when their callers give up. */
  const asked = new Map<number, number>();
  let handling: { readonly id: number; readonly untilMs: number } | undefined;
  let isBroken = false;

  const host = createGuestHost({
    ...deps,
    timers,
    isView: (id) => asked.has(id),
    end: (id, ending) => {
      if (handling?.id === id) handling = undefined;
      else if (!asked.delete(id)) return;
      output.ended(id, ending);
    },
  });
  const guest: Guest = await createGuest({
    ...deps,
    memoryMiB: limits.memoryMiB,
    cpuMs: limits.cpuMs,
    call: host.call,
  });

  function turn(enter: () => Turn): Turn {
    const beganMs = cpuClock();
    deps.mark(true);
    const ended = enter();
    deps.mark(false);
    share.spend(cpuClock() - beganMs);
    return ended;
  }

  const loaded = turn(() => guest.load(source));
  if (loaded.outcome !== 'done') return loadError(loaded);

  /** What `turn` did to the event in it: an interrupted handler will never say that it ended. */
  function dispatch(event: object | string): void {
    const json = typeof event === 'string' ? event : JSON.stringify(event);
    const { outcome, error } = turn(() => guest.dispatch(json));
    const hasFailed = host.sawFailure();
    if (outcome === 'broken') {
      giveIn('broken', error ?? HOLDS_ALL);
      return;
    }
    if ((hasFailed || outcome !== 'done') && guest.isFull()) {
      giveIn('memory', HOLDS_ALL);
      return;
    }
    if (outcome === 'done') return;
    output.count(outcome === 'error' ? 'script-error' : outcome);
    const id = handling?.id;
    handling = undefined;
    if (id !== undefined) output.ended(id, { error: error ?? TOO_LONG });
    host.report(error ?? TOO_LONG);
  }

  function hasEnded(): boolean {
    return isBroken;
  }

  function giveIn(reason: string, error: GuestError): void {
    isBroken = true;
    output.broke(reason, error);
  }

  function giveUp(): void {
    const nowMs = clock();
    for (const [id, untilMs] of asked) if (untilMs <= nowMs) asked.delete(id);
    if (handling === undefined || handling.untilMs > nowMs) return;
    output.count('timeout');
    output.ended(handling.id, { dropped: 'timeout' });
    handling = undefined;
    // With no memory left a handler may end without a word.
    if (guest.isFull()) giveIn('memory', HOLDS_ALL);
  }

  /** Past its share a script gets nothing: events are dropped, answers and timers wait. */
  function shed(): boolean {
    for (const event of waiting.splice(0)) {
      // Its start is told later; a reading that is late is worth nothing.
      if (event.kind === 'start') waiting.push(event);
      else drop(event.id);
    }
    for (const { id } of views.splice(0)) drop(id);
    for (let skipped = timers.putOff(share.refilledAtMs()); skipped > 0; skipped -= 1) output.count('cpu-share');
    return false;
  }

  function drop(id: number): void {
    output.count('cpu-share');
    output.ended(id, { dropped: 'cpu-share' });
  }

  return {
    activate: host.activate,
    offer: (event) => {
      if (event.kind === 'view') views.push(event);
      else waiting.push(event);
    },
    answer: (json) => {
      answers.push(json);
    },
    next: () => {
      if (hasEnded()) return false;
      giveUp();
      if (hasEnded()) return false;
      if (share.isSpent()) return shed();
      const answer = answers.shift();
      if (answer !== undefined) {
        host.settled();
        dispatch(answer);
        return true;
      }
      const view = views.shift();
      if (view !== undefined) {
        asked.set(view.id, clock() + limits.viewMs);
        dispatch(view);
        return true;
      }
      const timer = host.isActive() ? timers.takeDue() : undefined;
      if (timer !== undefined) {
        dispatch({ kind: 'timer', timer });
        return true;
      }
      const event = handling === undefined ? waiting.shift() : undefined;
      if (event === undefined) return false;
      handling = { id: event.id, untilMs: clock() + limits.handlerMs };
      dispatch(event);
      return true;
    },
    nextMs: () => {
      if (isBroken) return undefined;
      const waits = answers.length + views.length > 0 || waiting.length > 0;
      const times = [
        host.isActive() ? timers.nextMs() : undefined,
        handling?.untilMs,
        waits && share.isSpent() ? share.refilledAtMs() : undefined,
      ].filter((ms) => ms !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}

const HOLDS_ALL: GuestError = { message: 'it holds all its memory', stack: '', code: undefined };
const TOO_LONG: GuestError = { message: 'it took more than its processor time', stack: '', code: undefined };

function loadError({ outcome, error }: Turn): GuestError {
  if (outcome === 'cpu-time') return { ...TOO_LONG, stack: error?.stack ?? '' };
  return error ?? { message: outcome, stack: '', code: undefined };
}

import release from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import { GUEST_MODULE, GUEST_SOURCE } from './guest-source.ts';
import { textOfError, type GuestError } from './guest-error.ts';
import { MAX_VIEW_LENGTH } from './script-limits.ts';
import { createMemory, type WasmModule } from './web-assembly.ts';

// Its types are those of its CommonJS form, whose default stands a level deeper.
const variant = release as unknown as QuickJSSyncVariant;

/** What a script is called in its own errors. */
export const SCRIPT_NAME = 'script.js';

// What the build of the interpreter declares: 16 MiB, most of which nothing ever touches.
const FIRST_PAGES = 256;
const PAGES_PER_MIB = 16;
const STACK_BYTES = 192 * 1024;
const BATCH = 64;
const GRACE_BATCHES = 4;

/** How a turn in the interpreter ended; `broken`: it can't be entered again. */
export interface Turn {
  readonly outcome: 'done' | 'error' | 'cpu-time' | 'memory' | 'broken';
  readonly error?: GuestError;
}

/** What the interpreter stands on; `call` answers what the guest module says: a number, a refusal as JSON, or nothing. */
export interface GuestDeps {
  readonly wasm: WasmModule;
  readonly memoryMiB: number;
  readonly cpuMs: number;
  /** Processor time of this thread, in milliseconds. */
  readonly cpuClock: () => number;
  /** Called every now and then while the interpreter runs. */
  readonly pulse: () => void;
  readonly call: (op: string, id: number, json: string) => number | string | undefined;
}

/** One script in an interpreter of its own; no object of the host's is ever within its reach. */
export interface Guest {
  /** Evaluates the script. @throws nothing: see the turn's error */
  load(source: string): Turn;
  /** Tells it an event, as JSON, and runs it until it waits. */
  dispatch(json: string): Turn;
  /** Tells whether so little memory is left that nothing will work any more. */
  isFull(): boolean;
}

/**
 * Makes an interpreter: a WebAssembly instance for each script, so that a defect of the interpreter that one script
 * finds gives it nothing of another's. It is let go of by forgetting it.
 */
export async function createGuest(deps: GuestDeps): Promise<Guest> {
  const maximum = FIRST_PAGES + deps.memoryMiB * PAGES_PER_MIB;
  const wasmMemory = createMemory({ initial: FIRST_PAGES, maximum });
  const quickjs = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule: deps.wasm, wasmMemory }));
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(deps.memoryMiB * 1_048_576);
  runtime.setMaxStackSize(STACK_BYTES);
  refuseModules(runtime);
  const context = runtime.newContext();
  const budget = createBudget(deps);
  let control: QuickJSHandle | undefined;
  let isBroken = false;

  const host = context.newFunction('host', (op, id, json) => {
    const text = textOf(context, json);
    const answer =
      text === undefined
        ? JSON.stringify({ code: 'ENDLESS_DATA', message: 'A script hands over one text, and not a longer one.' })
        : deps.call(textOf(context, op) ?? '', numberOf(context, id), text);
    if (answer === undefined) return context.undefined;
    return typeof answer === 'number' ? context.newNumber(answer) : context.newString(answer);
  });
  context.setProp(context.global, '__host', host);

  function enter(work: () => Turn): Turn {
    if (isBroken) return { outcome: 'broken' };
    budget.begin();
    runtime.setInterruptHandler(budget.isOver);
    try {
      const turn = work();
      if (turn.outcome === 'broken') isBroken = true;
      return turn;
    } catch (error) {
      // The interpreter was left in the midst of something (its native stack was exhausted, it aborted).
      isBroken = true;
      return { outcome: 'broken', error: { message: String(error), stack: '', code: undefined } };
    }
  }

  function failed(handle: QuickJSHandle): Turn {
    const error = textOfError(context, handle);
    if (budget.wasHit()) return { outcome: 'cpu-time', error };
    return { outcome: isOutOfMemory(error) ? 'memory' : 'error', error };
  }

  /** Runs what is pending; a script that never stops to wait is broken: its jobs can't be taken from it. */
  function settle(before: Turn): Turn {
    let turn = before;
    let grace = GRACE_BATCHES;
    while (runtime.hasPendingJob()) {
      const ran = runtime.executePendingJobs(BATCH);
      if (ran.error !== undefined) turn = failed(ran.error);
      else ran.dispose();
      // What was interrupted still has to tell those who wait for it: some short jobs more.
      if (budget.isOver() && (grace -= 1) < 0) return { outcome: 'broken', error: ENDLESS };
    }
    return budget.wasHit() && turn.outcome === 'done' ? { outcome: 'cpu-time' } : turn;
  }

  const prepared = enter(() => {
    const made = context.evalCode(GUEST_SOURCE, GUEST_MODULE, { type: 'module' });
    if (made.error !== undefined) return failed(made.error);
    made.value.dispose();
    control = context.getProp(context.global, '__control');
    return context.evalCode('delete globalThis.__control').error === undefined ? DONE : { outcome: 'broken' };
  });
  if (prepared.outcome !== 'done') throw new TypeError(`The guest module failed: ${prepared.error?.message ?? ''}`);

  return {
    load: (source) =>
      enter(() => {
        const made = context.evalCode(source, SCRIPT_NAME, { type: 'module' });
        if (made.error !== undefined) return failed(made.error);
        const settled = settle(DONE);
        if (settled.outcome !== 'done') return settled;
        const state = context.getPromiseState(made.value);
        if (state.type === 'rejected') return failed(state.error);
        if (state.type === 'pending') return { outcome: 'error', error: UNSETTLED };
        const adopted = callControl('adopt', state.value);
        return adopted === undefined ? DONE : failed(adopted);
      }),
    dispatch: (json) =>
      enter(() => {
        const text = context.newString(json);
        const thrown = callControl('dispatch', text);
        text.dispose();
        return settle(thrown === undefined ? DONE : failed(thrown));
      }),
    isFull: () => isBroken || usedBytes(context, runtime) > deps.memoryMiB * 1_048_576 * 0.9,
  };

  function callControl(name: 'adopt' | 'dispatch', argument: QuickJSHandle): QuickJSHandle | undefined {
    if (control === undefined) throw new TypeError('not prepared');
    const method = context.getProp(control, name);
    const answer = context.callFunction(method, context.undefined, argument);
    method.dispose();
    if (answer.error !== undefined) return answer.error;
    answer.value.dispose();
    return undefined;
  }
}

const DONE: Turn = { outcome: 'done' };
const ENDLESS: GuestError = { message: 'the script went on without end', stack: '', code: undefined };
const UNSETTLED: GuestError = { message: 'its top level waits for something', stack: '', code: undefined };

function createBudget({ cpuMs, cpuClock, pulse }: GuestDeps) {
  let endMs = 0;
  let hit = false;
  return {
    begin: () => {
      endMs = cpuClock() + cpuMs;
      hit = false;
    },
    isOver: () => {
      pulse();
      hit ||= cpuClock() > endMs;
      return hit;
    },
    wasHit: () => hit,
  };
}

function refuseModules(runtime: QuickJSRuntime): void {
  const refuse = () => ({ error: new Error(`a script imports from '${GUEST_MODULE}' alone`) });
  runtime.setModuleLoader(refuse, (_, requested) => (requested === GUEST_MODULE ? requested : refuse()));
}

/** A text of bounded length; asking an object for one would run the script within the host's call. */
function textOf(context: QuickJSContext, handle: QuickJSHandle | undefined): string | undefined {
  if (handle === undefined || context.typeof(handle) !== 'string') return undefined;
  const length = context.getProp(handle, 'length').consume((found) => context.getNumber(found));
  return length <= MAX_VIEW_LENGTH ? context.getString(handle) : undefined;
}

function numberOf(context: QuickJSContext, handle: QuickJSHandle | undefined): number {
  return handle === undefined || context.typeof(handle) !== 'number' ? Number.NaN : context.getNumber(handle);
}

function isOutOfMemory({ message }: GuestError): boolean {
  return message.startsWith('InternalError: out of memory');
}

/** Infinity where not even that can be found out any more. */
function usedBytes(context: QuickJSContext, runtime: QuickJSRuntime): number {
  try {
    const usage = runtime.computeMemoryUsage();
    const used = context.getProp(usage, 'malloc_size').consume((found) => context.getNumber(found));
    usage.dispose();
    return used;
  } catch {
    return Infinity;
  }
}

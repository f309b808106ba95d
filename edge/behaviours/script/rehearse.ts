import type { VirtualResource } from '../../../core/document/schema.ts';
import { DewproofError } from '../../../core/errors.ts';
import { answerCall } from './answer-call.ts';
import { lineOf } from './guest-error.ts';
import { loadWasm } from './load-wasm.ts';
import { valueOfView } from './pending-views.ts';
import type { Ending, GuestConfig } from './protocol.ts';
import { configOf, decodeScript, limitsOf } from './read-script.ts';
import { createRehearsalReach } from './rehearsal-reach.ts';
import type { RehearsalStep } from './rehearsal-step.ts';
import { loadRunner, type Runner } from './runner.ts';
import type { ScriptLimits } from './script-limits.ts';
import { parseLogEntry } from './serve-call.ts';
import { threadCpuClock } from './thread-cpu-clock.ts';

/** One thing that a script did; `time` as RFC 3339. */
export type Deed = { readonly time: string; readonly did: string } & Readonly<Record<string, unknown>>;

/** A script, what it is told, and where to say what it did. */
export interface Rehearsal {
  readonly script: Uint8Array;
  /** Without one, every id is known, and limits are the defaults. */
  readonly document: VirtualResource | undefined;
  /** In order of their times. */
  readonly steps: readonly RehearsalStep[];
  readonly onDeed: (deed: Deed) => void;
}

const DEFAULT_LIMITS: ScriptLimits = {
  memoryMiB: 16,
  cpuMs: 50,
  cpuMsPerMinute: 3_000,
  handlerMs: 30_000,
  viewMs: 5_000,
};
const UNNAMED: GuestConfig = { resource: { tenant: 'test', name: 'test', version: 1 }, inputs: [], isVirtual: true };

/**
 * Runs a script as a device does, but over recorded readings and in their time: timers fire in order and nobody waits.
 * It reaches nothing outside. Returns how often it failed.
 * @throws SCRIPT_ERROR (it does not load, or broke), ENDLESS_DATA, UNSUPPORTED
 */
export async function rehearse({ script, document, steps, onDeed }: Rehearsal): Promise<{ readonly failures: number }> {
  let nowMs = steps[0]?.timeMs ?? 0;
  let failures = 0;
  let lastId = 0;
  const clock = () => nowMs;
  const views = new Map<number, string>();
  const calls = new Set<Promise<void>>();
  const tell = (did: string, rest: Readonly<Record<string, unknown>>) => {
    onDeed({ time: new Date(nowMs).toISOString(), did, ...rest });
  };
  const reach = createRehearsalReach({ document, clock, tell });

  const ended = (id: number, ending: Ending) => {
    const view = views.get(id);
    if (view === undefined) return;
    try {
      tell('view', { view, value: valueOfView(ending) });
    } catch (error) {
      const { code, message } = error as DewproofError;
      tell('view', { view, error: { code, message } });
    }
  };
  const loaded: Awaited<ReturnType<typeof loadRunner>> = await loadRunner(decodeScript(script), {
    wasm: await loadWasm(),
    limits: document === undefined ? DEFAULT_LIMITS : limitsOf(document),
    config:
      document === undefined ? { ...UNNAMED, inputs: inputsOf(steps) } : { ...configOf(document), isVirtual: true },
    clock,
    cpuClock: threadCpuClock,
    pulse: () => undefined,
    mark: () => undefined,
    output: {
      call: (call, json) => {
        const answering = answerCall({ call, json }, { reach, clock }).then((answer) => {
          calls.delete(answering);
          runner.answer(answer);
        });
        calls.add(answering);
      },
      log: (json) => {
        const { level, text } = parseLogEntry(json) ?? { level: 'error', text: 'a line that can not be shown' };
        tell('log', { level, text });
      },
      ended,
      count: (reason) => {
        failures += 1;
        tell('dropped', { reason });
      },
      broke: (reason, error) => {
        throw new DewproofError('SCRIPT_ERROR', `The script broke (${reason}): ${lineOf(error)}; correct it.`);
      },
    },
  });
  if ('message' in loaded) {
    throw new DewproofError('SCRIPT_ERROR', `The script does not load: ${lineOf(loaded)}; correct it.`);
  }
  const runner: Runner = loaded;

  /** Everything that can happen at this very time. */
  async function settle(): Promise<void> {
    for (;;) {
      while (runner.next());
      if (calls.size === 0) return;
      await Promise.all(calls);
    }
  }

  async function advance(toMs: number): Promise<void> {
    for (let next = runner.nextMs(); next !== undefined && next <= toMs; next = runner.nextMs()) {
      nowMs = Math.max(nowMs, next);
      await settle();
    }
    nowMs = toMs;
  }

  const nextId = () => (lastId += 1);
  runner.activate();
  runner.offer({ kind: 'start', id: nextId() });
  await settle();
  for (const step of steps) {
    await advance(step.timeMs);
    if ('input' in step) {
      reach.receive(step);
      runner.offer({ kind: 'reading', id: nextId(), input: step.input, time: step.timeMs, value: step.value });
    } else if ('view' in step) {
      const id = nextId();
      views.set(id, step.view);
      runner.offer({ kind: 'view', id, view: step.view, query: step.query });
    }
    await settle();
  }
  return { failures };
}

function inputsOf(steps: readonly RehearsalStep[]): readonly string[] {
  return [...new Set(steps.flatMap((step) => ('input' in step ? [step.input] : [])))];
}

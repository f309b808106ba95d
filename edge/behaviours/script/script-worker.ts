// The thread of one tenant's scripts: nothing here waits, and no script's turn is longer than its document allows.
import { parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './protocol.ts';
import { loadRunner, type Runner } from './runner.ts';
import { threadCpuClock } from './thread-cpu-clock.ts';
import type { WorkerData } from './worker-data.ts';

const SLICE_MS = 8;

const port = parentPort;
if (port === null) throw new TypeError('this file is a worker');
const { wasm, shared } = workerData as WorkerData;
const signs = new Int32Array(shared);
const runners = new Map<number, Runner>();
const unloaded = new Set<number>();
let outbox: FromWorker[] = [];
let loading: Promise<void> = Promise.resolve();
let isScheduled = false;
let timer: NodeJS.Timeout | undefined;

const clock = () => Date.now();
const pulse = () => {
  Atomics.add(signs, 0, 1);
};

/** Says whose turn it is where the host can see it even if this thread never answers again. */
function mark(script: number): void {
  Atomics.store(signs, 1, script);
  pulse();
}

function post(message: FromWorker): void {
  outbox.push(message);
}

function flush(): void {
  if (outbox.length === 0) return;
  const messages = outbox;
  outbox = [];
  port?.postMessage(messages);
}

async function load(message: Extract<ToWorker, { kind: 'load' }>): Promise<void> {
  const { script, source, limits, config } = message;
  if (unloaded.delete(script)) return;
  const loaded = await loadRunner(source, {
    wasm,
    limits,
    config,
    clock,
    cpuClock: threadCpuClock,
    pulse,
    mark: (isRunning) => {
      mark(isRunning ? script : 0);
    },
    output: {
      call: (call, json) => {
        post({ kind: 'call', script, call, json });
      },
      log: (json) => {
        post({ kind: 'log', script, json });
      },
      ended: (id, ending) => {
        post({ kind: 'ended', script, id, ending });
      },
      count: (reason) => {
        post({ kind: 'count', script, reason });
      },
      broke: (reason, { message }) => {
        runners.delete(script);
        post({ kind: 'broke', script, reason, message });
      },
    },
  });
  if ('message' in loaded) {
    post({ kind: 'refused', script, error: loaded });
  } else if (!unloaded.delete(script)) {
    runners.set(script, loaded);
    post({ kind: 'loaded', script });
  }
  flush();
}

function receive(message: ToWorker): void {
  switch (message.kind) {
    case 'load':
      // One after the other, so that scripts always start in the same order.
      loading = loading.then(() => load(message)).then(schedule, fail);
      break;
    case 'activate':
      runners.get(message.script)?.activate();
      break;
    case 'events':
      for (const event of message.events) runners.get(message.script)?.offer(event);
      break;
    case 'answer':
      runners.get(message.script)?.answer(message.json);
      break;
    case 'unload':
      if (!runners.delete(message.script)) unloaded.add(message.script);
      break;
    case 'ping':
      post({ kind: 'pong', id: message.id });
      flush();
      break;
  }
}

/** A defect of ours: the thread ends, and the host starts another. */
function fail(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/** One turn each in turn, for a slice of time; then what came in meanwhile is looked at. */
function pump(): void {
  isScheduled = false;
  const beganMs = performance.now();
  let didSomething = true;
  while (didSomething && performance.now() - beganMs < SLICE_MS) {
    didSomething = false;
    for (const [script, runner] of runners) didSomething = takeTurn(script, runner) || didSomething;
  }
  flush();
  if (didSomething) schedule();
  else sleepUntilNext();
}

/** What a script brings about in our own code is its own doing, and ends nobody else. */
function takeTurn(script: number, runner: Runner): boolean {
  try {
    return runner.next();
  } catch (error) {
    mark(0);
    runners.delete(script);
    post({ kind: 'broke', script, reason: 'broken', message: String(error).slice(0, 2_000) });
    return false;
  }
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  clearTimeout(timer);
  setImmediate(pump);
}

function sleepUntilNext(): void {
  clearTimeout(timer);
  const times = [...runners.values()].map((runner) => runner.nextMs()).filter((ms) => ms !== undefined);
  if (times.length === 0) return;
  timer = setTimeout(schedule, Math.min(2 ** 31 - 1, Math.max(1, Math.min(...times) - clock())));
}

port.on('message', (messages: readonly ToWorker[]) => {
  for (const message of messages) receive(message);
  schedule();
});
port.postMessage([{ kind: 'ready' } satisfies FromWorker]);

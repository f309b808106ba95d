import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './protocol.ts';
import { STUCK_MS } from './script-limits.ts';
import type { WorkerData } from './worker-data.ts';
import type { WasmModule } from './web-assembly.ts';

const WATCH_EVERY_MS = 250;
const ANSWER_WITHIN_MS = 20_000;

/** The thread of one tenant's scripts, as the host sees it. */
export interface TenantWorker {
  send(message: ToWorker): void;
  /** Ends it, whatever it does. */
  end(): Promise<void>;
}

/** What a worker is started with; after `onEnd` nothing more is heard of it. */
export interface TenantWorkerOptions {
  readonly wasm: WasmModule;
  /** How long it may give no sign of life within a turn; default `STUCK_MS`. */
  readonly stuckMs?: number;
  readonly onMessage: (message: FromWorker) => void;
  /** It ended by itself or was ended for being stuck: `culprit` is the script whose turn it was, 0 where it was nobody's. */
  readonly onEnd: (end: { readonly culprit: number; readonly why: string }) => void;
}

// By Node itself it runs as TypeScript, from dist/ as what tsc made of it.
const entry = new URL(`./script-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Starts a worker, and ends it where it gives no sign of life: a script in native code can't be stopped otherwise. */
export function startTenantWorker(options: TenantWorkerOptions): TenantWorker {
  const { wasm, stuckMs = STUCK_MS, onMessage, onEnd } = options;
  const shared = new SharedArrayBuffer(8);
  const signs = new Int32Array(shared);
  const worker = new Worker(entry, {
    workerData: { wasm, shared } satisfies WorkerData,
    // Nothing of ours is the worker's business: no environment, no flags of Node's, no input.
    env: {},
    execArgv: [],
    argv: [],
    // The stack is what ends recursion in the interpreter's native code; its time grows with the square of the depth.
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 },
  });
  let outbox: ToWorker[] = [];
  let hasEnded = false;
  let pings = 0;
  let silentLooks = 0;
  let lastPong = { id: 0, atMs: performance.now() };
  let lastSign = { sign: 0, script: 0, atMs: performance.now() };

  function finish(why: string): void {
    if (hasEnded) return;
    hasEnded = true;
    clearInterval(watch);
    const culprit = Atomics.load(signs, 1);
    worker.terminate().then(
      () => {
        onEnd({ culprit, why });
      },
      () => {
        onEnd({ culprit, why });
      },
    );
  }

  // Looks that come late (this thread was busy) count as one: only a worker that is silent at several is stuck.
  const watch = setInterval(() => {
    const nowMs = performance.now();
    const sign = Atomics.load(signs, 0);
    const script = Atomics.load(signs, 1);
    if (sign !== lastSign.sign || script === 0) lastSign = { sign, script, atMs: nowMs };
    silentLooks = nowMs - lastSign.atMs > stuckMs ? silentLooks + 1 : 0;
    if (silentLooks >= 2) finish('it was stuck');
    if (lastPong.id < pings && nowMs - lastPong.atMs > ANSWER_WITHIN_MS) finish('it did not answer');
    if (lastPong.id === pings && nowMs - lastPong.atMs > ANSWER_WITHIN_MS / 4) {
      pings += 1;
      lastPong = { id: lastPong.id, atMs: nowMs };
      send({ kind: 'ping', id: pings });
    }
  }, WATCH_EVERY_MS);
  watch.unref();

  function send(message: ToWorker): void {
    if (hasEnded) return;
    if (outbox.length === 0) queueMicrotask(flush);
    outbox.push(message);
  }

  function flush(): void {
    const messages = outbox;
    outbox = [];
    if (!hasEnded) worker.postMessage(messages);
  }

  worker.on('message', (messages: readonly FromWorker[]) => {
    if (hasEnded) return;
    for (const message of messages) {
      if (message.kind === 'pong') lastPong = { id: message.id, atMs: performance.now() };
      else onMessage(message);
    }
  });
  worker.on('error', (error: Error) => {
    finish(error.message);
  });
  worker.on('exit', () => {
    finish('it ended');
  });
  worker.unref();

  return {
    send,
    end: async () => {
      hasEnded = true;
      clearInterval(watch);
      await worker.terminate();
    },
  };
}

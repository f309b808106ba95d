import { DewproofError } from '../../../core/errors.ts';
import type { FromWorker } from './protocol.ts';
import type { Session } from './session.ts';
import { startTenantWorker, type TenantWorker } from './tenant-worker.ts';
import type { WasmModule } from './web-assembly.ts';

const STRIKES_WITHIN_MS = 600_000;
const MAX_STRIKES = 3;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;

/** A script of a tenant: its session, and whom to tell that it is given up. */
export interface Member {
  readonly session: Session;
  readonly onFailure: (error: Error) => void;
}

/** The scripts of one tenant and their worker. */
export interface Tenant {
  add(member: Member): void;
  remove(session: Session): Promise<void>;
  /** The script broke: it is loaded again after a while, or given up. */
  strike(session: Session, why: { readonly reason: string; readonly message: string }): void;
  isEmpty(): boolean;
  close(): Promise<void>;
}

/** What a tenant's scripts stand on. */
export interface TenantOptions {
  readonly wasm: WasmModule;
  readonly stuckMs?: number;
  /** What the first restart waits for; each one more doubles it. */
  readonly backoffMs?: number;
}

interface Entry extends Member {
  readonly strikes: number[];
  timer: NodeJS.Timeout | undefined;
}

/** Makes a tenant without scripts; its worker starts with the first. */
export function createTenant({ wasm, stuckMs, backoffMs = FIRST_BACKOFF_MS }: TenantOptions): Tenant {
  // In the order in which they were started: so they start again.
  const entries = new Map<number, Entry>();
  const deaths: number[] = [];
  let worker: TenantWorker | undefined;
  let restart: NodeJS.Timeout | undefined;
  let isClosed = false;

  function receive(message: FromWorker): void {
    if ('script' in message) entries.get(message.script)?.session.receive(message);
  }

  function ensureWorker(): TenantWorker {
    if (worker !== undefined) return worker;
    const started = startTenantWorker({
      wasm,
      ...(stuckMs === undefined ? {} : { stuckMs }),
      onMessage: receive,
      onEnd: (end) => {
        // One that was let go while it died has a successor already.
        if (worker === started) bury(end);
      },
    });
    worker = started;
    return started;
  }

  function attach({ session }: Entry): void {
    if (isClosed || restart !== undefined) return;
    const to = ensureWorker();
    session.attach((message) => {
      to.send(message);
    });
  }

  /** The worker is gone: the innocent start again at once, the culprit later. */
  function bury({ culprit, why }: { culprit: number; why: string }): void {
    worker = undefined;
    const guilty = entries.get(culprit);
    for (const { session } of entries.values()) session.detach();
    if (guilty !== undefined) {
      strike(guilty.session, { reason: 'stuck', message: why });
      revive();
      return;
    }
    // Nobody's fault, or one that can't be seen: not again and again at full speed.
    const waitMs = backoffOf(recent(deaths));
    restart = setTimeout(() => {
      restart = undefined;
      revive();
    }, waitMs);
    restart.unref();
  }

  function revive(): void {
    for (const entry of entries.values()) if (entry.timer === undefined) attach(entry);
  }

  function recent(times: number[]): number {
    const nowMs = performance.now();
    times.push(nowMs);
    while ((times[0] ?? nowMs) < nowMs - STRIKES_WITHIN_MS) times.shift();
    return times.length;
  }

  function backoffOf(times: number): number {
    return Math.min(MAX_BACKOFF_MS, backoffMs * 2 ** (times - 1));
  }

  function strike(session: Session, { reason, message }: { reason: string; message: string }): void {
    const entry = entries.get(session.script);
    if (entry === undefined) return;
    session.count(reason);
    session.detach();
    session.refuseFirst(message);
    const times = recent(entry.strikes);
    if (times >= MAX_STRIKES) {
      entries.delete(session.script);
      entry.onFailure(
        new DewproofError('UNHEALTHY', `The script broke ${times} times within a short time: ${message}; correct it.`, {
          details: { reason },
        }),
      );
      return;
    }
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      attach(entry);
    }, backoffOf(times));
    entry.timer.unref();
  }

  async function endWorker(): Promise<void> {
    clearTimeout(restart);
    restart = undefined;
    const ending = worker;
    worker = undefined;
    await ending?.end();
  }

  return {
    add: (member) => {
      const entry: Entry = { ...member, strikes: [], timer: undefined };
      entries.set(member.session.script, entry);
      attach(entry);
    },
    remove: async (session) => {
      clearTimeout(entries.get(session.script)?.timer);
      entries.delete(session.script);
      session.end();
      if (entries.size === 0) await endWorker();
    },
    strike,
    isEmpty: () => entries.size === 0,
    close: async () => {
      isClosed = true;
      for (const { session, timer } of entries.values()) {
        clearTimeout(timer);
        session.end();
      }
      entries.clear();
      await endWorker();
    },
  };
}

import { Counter, Gauge } from 'prom-client';
import type { ErrorCode } from '../../core/errors.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import type { Clock } from '../../platform/clock.ts';
import { createDaemonMetrics, type DaemonMetrics } from '../../platform/metrics/daemon-metrics.ts';
import type { Host } from '../hosts/host.ts';
import { stateOf, type ResourceState } from '../status.ts';
import type { Unit } from '../unit.ts';

/** What an edge counts beside what every daemon does. */
export interface EdgeMetrics extends DaemonMetrics {
  /** A version was verified; with a code, it was refused. */
  verified(code: ErrorCode | undefined): void;
  /** A reading was taken in. */
  readonly reading: () => void;
  /** The ledger can't be reached or says what is refused; the first time since it was heard counts. */
  lost(): void;
  /** The ledger was heard, if only that there is nothing newer. */
  readonly heard: () => void;
  /** Lets the metrics see what the device does, once it does. */
  watch(device: ObservedDevice): void;
}

/** What is looked at when metrics are read. */
interface ObservedDevice {
  readonly units: () => ReadonlyMap<ResourceId, Unit>;
  readonly head: () => BlockRef | undefined;
  /** When (Unix seconds) a quorum last vouched for it; undefined where nobody does (`rpc`) or nothing is open yet. */
  readonly vouchedAt: () => bigint | undefined;
  readonly clock: Clock;
  readonly isSplit: () => boolean;
}

const states: readonly ResourceState[] = [
  'NEW',
  'INSTALLED',
  'STARTING',
  'RUNNING',
  'STOPPING',
  'FINISHED',
  'ERRORED',
  'BROKEN',
];

/** Makes an edge's metrics; `elapsedMs` is a clock that nobody sets. */
export function createEdgeMetrics({ elapsedMs }: { readonly elapsedMs: () => number }): EdgeMetrics {
  const daemon = createDaemonMetrics({ daemon: 'edge' });
  const registers = [daemon.registry];
  let device: ObservedDevice | undefined;
  let lostSinceMs: number | undefined;

  const verifications = new Counter({
    name: 'dewproof_verify_total',
    help: 'Configurations that were verified before a start: accepted, or refused for the reason (a code).',
    labelNames: ['result', 'reason'],
    registers,
  });
  const readings = new Counter({ name: 'dewproof_readings_total', help: 'Readings taken in.', registers });
  readOnDemand({ name: 'dewproof_readings_stored', help: 'Readings kept now.', registers }, () =>
    sum(hostsOf(device).map((host) => host.counts().readings)),
  );
  readOnDemand(
    {
      name: 'dewproof_proof_age_seconds',
      help: 'Time since the newest ledger head that the device accepted was vouched for; NaN before the first.',
      registers,
    },
    () => {
      const head = device?.head();
      return device === undefined || head === undefined
        ? Number.NaN
        : Math.max(0, device.clock() / 1000 - Number(device.vouchedAt() ?? head.time));
    },
  );
  readOnDemand(
    { name: 'dewproof_head_height', help: 'Height of the newest ledger head that was accepted.', registers },
    () => Number(device?.head()?.height ?? Number.NaN),
  );
  readOnDemand(
    {
      name: 'dewproof_offline_duration_seconds',
      help: 'Time since no dew, other edge or node could be heard, 0 while any is, if only that it has nothing newer.',
      registers,
    },
    () => (lostSinceMs === undefined ? 0 : (elapsedMs() - lostSinceMs) / 1000),
  );
  readOnDemand(
    {
      name: 'dewproof_split_proved',
      help: '1 where the signers vouched for two blocks of one height: nothing newer is believed, call the operator.',
      registers,
    },
    () => Number(device?.isSplit() ?? false),
  );
  countDropped(registers, () => hostsOf(device));
  countStates(registers, () => device?.units());

  return {
    ...daemon,
    verified: (code) => {
      verifications.inc({ result: code === undefined ? 'accepted' : 'refused', reason: code ?? '' });
    },
    reading: () => {
      readings.inc();
    },
    lost: () => {
      lostSinceMs ??= elapsedMs();
    },
    heard: () => {
      lostSinceMs = undefined;
    },
    watch: (observed) => {
      device = observed;
    },
  };
}

const MAX_REASONS = 32;

type Registers = NonNullable<ConstructorParameters<typeof Gauge>[0]['registers']>;

function readOnDemand(
  about: { readonly name: string; readonly help: string; readonly registers: Registers },
  read: () => number,
): void {
  new Gauge({
    ...about,
    collect() {
      this.set(read());
    },
  });
}

function countStates(registers: Registers, units: () => ReadonlyMap<ResourceId, Unit> | undefined): void {
  new Gauge({
    name: 'dewproof_resources',
    help: 'Resources of this device by state.',
    labelNames: ['state'],
    registers,
    collect() {
      const now = [...(units()?.values() ?? [])].map(shownState);
      for (const state of states) this.set({ state }, now.filter((one) => one === state).length);
    },
  });
}

/** As `status` shows it. */
function shownState({ isStopping, refused, current, next }: Unit): ResourceState {
  if (isStopping) return 'STOPPING';
  return refused === undefined ? stateOf(current ?? next) : 'FINISHED';
}

/** Hosts count for themselves, each from 0 on: what each adds since it was looked at last is what is counted here. */
function countDropped(registers: Registers, hosts: () => readonly Host[]): void {
  const counted = new WeakMap<Host, Readonly<Record<string, number>>>();
  const reasons = new Set<string>();
  // What a resource's own code calls its reasons must not grow the metrics.
  const bounded = (reason: string): string => {
    if (reasons.size < MAX_REASONS && /^[A-Za-z_-]{1,40}$/.test(reason)) reasons.add(reason);
    return reasons.has(reason) ? reason : 'other';
  };
  new Counter({
    name: 'dewproof_messages_dropped_total',
    help: 'Messages and readings that were not kept, by reason: a code, or lost (to a disk that did not take them).',
    labelNames: ['reason'],
    registers,
    collect() {
      for (const host of hosts()) {
        const { dropped } = host.counts();
        const before = counted.get(host) ?? {};
        for (const [reason, count] of Object.entries(dropped)) {
          const more = count - (before[reason] ?? 0);
          if (more > 0) this.inc({ reason: bounded(reason) }, more);
        }
        counted.set(host, dropped);
      }
    },
  });
}

function hostsOf(device: ObservedDevice | undefined): readonly Host[] {
  return [...(device?.units().values() ?? [])].flatMap(({ current }) => current?.host ?? []);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

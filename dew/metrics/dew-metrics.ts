import { Counter, Gauge } from 'prom-client';
import { errorCodes } from '../../core/errors.ts';
import { createDaemonMetrics, type DaemonMetrics } from '../../platform/metrics/daemon-metrics.ts';
import type { DewStatus } from '../status.ts';

/** What is looked at when metrics are read. */
interface ObservedDew {
  readonly status: () => DewStatus;
  readonly documents: () => number;
}

/** What a dew counts beside what every daemon does. */
export interface DewMetrics extends DaemonMetrics {
  /** Counts an answer of the route for bundles, which is in front of where other calls are timed. */
  readonly served: (status: number) => void;
  /** Counts nonces of devices that witnesses were asked to sign. */
  readonly carried: (nonces: number) => void;
  /** Lets the metrics see what the dew does, once it does. */
  watch(dew: ObservedDew): void;
}

/** Makes a dew's metrics. */
export function createDewMetrics(): DewMetrics {
  const daemon = createDaemonMetrics({ daemon: 'dew' });
  let dew: ObservedDew | undefined;
  for (const [name, { help, read }] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      registers: [daemon.registry],
      collect() {
        this.set(dew === undefined ? Number.NaN : read(dew.status(), dew));
      },
    });
  }
  showTrouble(daemon, {
    name: 'dewproof_ledger_trouble',
    help: '1 for the code of what keeps the dew from reading its ledger, or from its newest anchor; no sample while nothing does.',
    read: () => [dew?.status().ledger.trouble?.code],
  });
  showTrouble(daemon, {
    name: 'dewproof_bundle_trouble',
    help: '1 for each code of what keeps the dew from making newer proof bundles, of all groups or of some; no sample while nothing does.',
    read: () => {
      const { trouble, failing = [] } = dew?.status().bundles ?? {};
      return [trouble?.code, ...failing.map(({ code }) => code)];
    },
  });
  // Counted without prom-client, whose labels cost more than the answer itself.
  const served = new Map<number, number>();
  new Counter({
    name: 'dewproof_bundle_requests_total',
    help: 'Answers to calls for proof bundles, by status.',
    labelNames: ['status'],
    registers: [daemon.registry],
    collect() {
      this.reset();
      for (const [status, count] of served) this.inc({ status }, count);
    },
  });
  const carried = new Counter({
    name: 'dewproof_dew_nonces_total',
    help: 'Nonces of devices that the anchor’s witnesses were asked to sign, several at once.',
    registers: [daemon.registry],
  });
  return {
    ...daemon,
    carried: (nonces) => {
      carried.inc(nonces);
    },
    served: (status) => {
      served.set(status, (served.get(status) ?? 0) + 1);
    },
    watch: (observed) => {
      dew = observed;
    },
  };
}

interface GaugeOf {
  readonly help: string;
  readonly read: (status: DewStatus, dew: ObservedDew) => number;
}

const gauges: Readonly<Record<string, GaugeOf>> = {
  dewproof_head_height: {
    help: 'Height of the newest ledger block that the dew has read; NaN before the first.',
    read: ({ ledger }) => (ledger.height === null ? Number.NaN : Number(ledger.height)),
  },
  dewproof_head_age_seconds: {
    help: 'Age of that block; NaN before the first.',
    read: ({ ledger }) => Math.max(0, ledger.ageSeconds ?? Number.NaN),
  },
  dewproof_bundle_height: {
    help: 'Height of the block that the groups’ proof bundles are of, the lowest of them; NaN before the first.',
    read: ({ bundles }) => finite(Math.min(...(bundles?.groups ?? []).map(({ height }) => Number(height)))),
  },
  dewproof_bundle_age_seconds: {
    help: 'Time since that block was vouched for, the longest of them; NaN before the first.',
    read: ({ bundles }) => finite(Math.max(...(bundles?.groups ?? []).map(({ ageSeconds }) => ageSeconds))),
  },
  dewproof_documents: {
    help: 'Documents kept.',
    read: (_, { documents }) => documents(),
  },
  dewproof_documents_missing: {
    help: 'Documents that the ledger names and nobody uploaded here.',
    read: ({ missing }) => missing.length,
  },
  dewproof_assignments: {
    help: 'Resources placed, counted once for each device that is to run them.',
    read: ({ groups }) => groups.flatMap(({ devices }) => devices.flatMap(({ resources }) => resources)).length,
  },
  dewproof_devices: {
    help: 'Devices that something is placed on.',
    read: ({ groups }) =>
      groups.flatMap(({ devices }) => devices).filter(({ resources }) => resources.length > 0).length,
  },
  dewproof_resources_unplaced: {
    help: 'Resources that no device of their group can run.',
    read: ({ groups }) => groups.flatMap(({ unplaced }) => unplaced).length,
  },
  dewproof_resources_undecided: {
    help: 'Resources that cannot be placed for want of a document or a profile.',
    read: ({ groups }) => groups.flatMap(({ undecided }) => undecided).length,
  },
};

/** The least and the most of nothing are infinite. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}

function showTrouble(
  { registry }: DaemonMetrics,
  {
    read,
    ...about
  }: { readonly name: string; readonly help: string; readonly read: () => readonly (string | undefined)[] },
): void {
  new Gauge({
    ...about,
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset();
      const codes = read();
      for (const code of errorCodes) if (codes.includes(code)) this.set({ code }, 1);
    },
  });
}

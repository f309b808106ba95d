import { Counter, Gauge } from 'prom-client';
import { errorCodes } from '../../core/errors.ts';
import type { WitnessStanding } from '../../core/witness/ports.ts';
import { createDaemonMetrics, type DaemonMetrics } from '../../platform/metrics/daemon-metrics.ts';

/** What a witness counts beside what every daemon does. */
export interface WitnessMetrics extends DaemonMetrics {
  /** Counts a nonce that was signed. */
  readonly answered: () => void;
}

/** Makes a witness's metrics; `standing` is looked at when they are read. */
export function createWitnessMetrics({ standing }: { readonly standing: () => WitnessStanding }): WitnessMetrics {
  const daemon = createDaemonMetrics({ daemon: 'witness' });
  const registers = [daemon.registry];
  for (const [name, { help, read }] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(standing()));
      },
    });
  }
  new Gauge({
    name: 'dewproof_ledger_trouble',
    help: '1 for the code of what keeps the witness from signing; no sample while nothing does.',
    labelNames: ['code'],
    registers,
    collect() {
      this.reset();
      const code = errorCodes.find((one) => one === standing().trouble?.code);
      if (code !== undefined) this.set({ code }, 1);
    },
  });
  const nonces = new Counter({ name: 'dewproof_witness_nonces_total', help: 'Nonces of devices signed.', registers });
  return {
    ...daemon,
    answered: () => {
      nonces.inc();
    },
  };
}

interface GaugeOf {
  readonly help: string;
  readonly read: (standing: WitnessStanding) => number;
}

const gauges: Readonly<Record<string, GaugeOf>> = {
  dewproof_witness_signed_height: {
    help: 'Height of the newest block that the witness signed; NaN before the first.',
    read: ({ signed }) => numberOf(signed?.height),
  },
  dewproof_witness_signed_timestamp_seconds: {
    help: 'When it signed that block last, in Unix seconds; NaN before the first.',
    read: ({ signed }) => numberOf(signed?.signedAt),
  },
  dewproof_witness_node_height: {
    help: 'Height of its node’s newest block; NaN before the first.',
    read: ({ latest }) => numberOf(latest),
  },
  dewproof_witness_node_up: {
    help: '1 where its node answered when it was asked last, 0 where it did not; NaN before the first.',
    read: ({ latest, trouble }) => (trouble?.code === 'LEDGER_UNAVAILABLE' ? 0 : latest === undefined ? Number.NaN : 1),
  },
  dewproof_witness_contradictions: {
    help: 'Signed blocks that its node’s chain lost, as far as they are kept.',
    read: ({ contradictions }) => contradictions.length,
  },
};

function numberOf(value: bigint | undefined): number {
  return value === undefined ? Number.NaN : Number(value);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../core/digest.ts';
import { documentSchema } from '../core/document/schema.ts';
import type { VerifiedConfiguration } from '../core/verify.ts';
import { openHosts } from '../edge/hosts/open-hosts.ts';
import type { Host } from '../edge/hosts/host.ts';
import { createKeyValuesStore } from '../edge/kv/key-values-store.ts';
import { createReadingsStore } from '../edge/readings/readings-store.ts';
import { createLog } from '../platform/log.ts';
import { openStore, sublevelOf } from '../platform/store/open-store.ts';

/** A resource that runs, and how it is told a reading. */
export interface BenchResource {
  readonly host: Host;
  readonly tell: (value: number) => void;
}

/** A resource to run; without a script it has plain views. */
export interface BenchSpec {
  readonly tenant: string;
  readonly name: string;
  readonly script?: string;
  readonly limits?: object;
}

/** A device's own hosts, over a database of their own; only readings come from the benchmark instead of a broker. */
export interface BenchHosts {
  start(spec: BenchSpec): Promise<BenchResource>;
  close(): Promise<void>;
}

/** Opens them in a folder that goes away with them. */
export async function openBenchHosts(): Promise<BenchHosts> {
  const folder = await mkdtemp(join(tmpdir(), 'dewproof-scripts-'));
  const store = await openStore(join(folder, 'store'));
  const onCommit = () => undefined;
  const readings = createReadingsStore({ level: sublevelOf(store, 'readings'), clock: Date.now, onCommit });
  const keyValues = createKeyValuesStore({ level: sublevelOf(store, 'values'), onCommit });
  const receivers: ((message: Uint8Array) => void)[] = [];
  const hosts = openHosts({
    links: { verify: () => undefined },
    transports: {
      openSource: (_, receive) => {
        receivers.push(receive);
        return { verify: () => undefined, close: () => undefined };
      },
      openOutlet: () => ({ send: () => Promise.resolve(), close: () => undefined }),
      close: () => Promise.resolve(),
    },
    readings,
    keyValues,
    trouble: () => undefined,
    clock: Date.now,
    log: createLog({ name: 'bench', level: 'silent' }, { write: () => undefined }),
  });

  return {
    start: async (spec) => {
      const script = Buffer.from(spec.script ?? '');
      const digest = digestOf(script);
      const configuration = configurationOf(spec, { digest, size: script.length });
      const startHost = hosts.startHosts[spec.script === undefined ? 'views' : 'script'];
      if (startHost === undefined) throw new TypeError('no such runtime');
      const signal = new AbortController().signal;
      const artifacts = new Map([[digest, script]]);
      const host = await startHost({
        configuration,
        artifacts,
        signal,
        secret: () => Promise.reject(new TypeError('a benchmark has no secrets')),
        onFailure: (error) => {
          throw error;
        },
      });
      const receive = receivers.at(-1);
      await host.takeOver();
      return { host, tell: (value) => receive?.(Buffer.from(String(value))) };
    },
    close: async () => {
      await hosts.close();
      await readings.close();
      await keyValues.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// A benchmark stands where no ledger is: what would be verified is written here.
function configurationOf(spec: BenchSpec, artifact: { digest: string; size: number }): VerifiedConfiguration {
  const document = documentSchema.parse({
    apiVersion: 'dewproof/v1',
    kind: 'VirtualResource',
    metadata: { tenant: spec.tenant, name: spec.name },
    spec: {
      version: 1,
      salt: 'AAAAAAAAAAAAAAAAAAAAAA',
      group: 'bench',
      ...(spec.script === undefined
        ? {}
        : { runtime: { kind: 'script', artifact, ...(spec.limits === undefined ? {} : { limits: spec.limits }) } }),
      inputs: [{ id: 'temperature', mqtt: { topic: 'a' } }],
      views: [
        { id: 'now', input: 'temperature', latest: true },
        ...(spec.script === undefined ? [] : [{ id: 'state', computed: true }]),
      ],
    },
  });
  return { document, resolved: document } as unknown as VerifiedConfiguration;
}

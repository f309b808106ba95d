import type { Host, StartHost } from '../../../edge/hosts/host.ts';
import { DewproofError } from '../../../core/errors.ts';

/** One host that a test's runtime started. */
export interface TestHost extends Host {
  readonly name: string;
  readonly version: number;
  readonly events: readonly string[];
  fail(error?: Error): void;
}

/** A runtime that records what is asked of it, and does as the test says. */
export interface TestRuntime {
  readonly hosts: TestHost[];
  /** `start|take-over|stop <name>@<version>`, in order. */
  readonly journal: string[];
  /** What a version does: nothing out of the way where it is left out. */
  behave: (of: {
    readonly name: string;
    readonly version: number;
  }) => 'well' | 'unhealthy' | 'throws' | 'hangs' | 'stuck';
  readonly start: StartHost;
}

/** Makes the runtime. */
export function createTestRuntime(): TestRuntime {
  const hosts: TestHost[] = [];
  const journal: string[] = [];
  const runtime: TestRuntime = {
    hosts,
    journal,
    behave: () => 'well',
    start: async ({ configuration, onFailure }) => {
      const { metadata, spec } = configuration.document;
      const of = { name: metadata.name, version: spec.version };
      const label = `${of.name}@${of.version}`;
      const events: string[] = [];
      const note = (event: string) => {
        events.push(event);
        journal.push(`${event} ${label}`);
        return Promise.resolve();
      };
      const behaviour = runtime.behave(of);
      await note('start');
      if (behaviour === 'throws') throw new Error('does not start');
      if (behaviour === 'hangs') await new Promise(() => undefined);
      const host: TestHost = {
        ...of,
        events,
        probe: async () => {
          if (runtime.behave(of) === 'unhealthy') throw new DewproofError('UNHEALTHY', 'is unwell');
          if (runtime.behave(of) === 'stuck') await new Promise(() => undefined);
        },
        takeOver: () => note('take-over'),
        answerView: () => Promise.resolve({}),
        subscribe: () => (async function* none() {})(),
        act: () => Promise.resolve(),
        push: () => Promise.resolve(),
        counts: () => ({ readings: 0, dropped: {} }),
        stop: () => note('stop'),
        fail: (error = new Error('fell over')) => {
          onFailure(error);
        },
      };
      hosts.push(host);
      return host;
    },
  };
  return runtime;
}

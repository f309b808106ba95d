import type { Json, KeyValueStore, Reach } from '../../../edge/reach/reach.ts';
import type { Reading } from '../../../edge/readings/reading.ts';

/** A reach whose readings the test sets, and which records what is asked of it. */
export interface TestReach extends Reach {
  readonly readings: Map<string, Reading>;
  /** `<action> <value>`, in order. */
  readonly acted: string[];
  readonly logged: string[];
  readonly stored: Map<string, Json>;
  failActions: Error | undefined;
}

/** Makes it; what no test has asked for yet is refused. */
export function createTestReach(stored = new Map<string, Json>()): TestReach {
  const readings = new Map<string, Reading>();
  const acted: string[] = [];
  const logged: string[] = [];
  const store: KeyValueStore = {
    get: (key) => stored.get(key),
    put: (key, value) => void stored.set(key, value),
    delete: (key) => void stored.delete(key),
    keys: () => [...stored.keys()].sort(),
  };
  const refuse = () => Promise.reject(new TypeError('not in this test'));
  const reach: TestReach = {
    readings,
    acted,
    logged,
    stored,
    failActions: undefined,
    latest: (id) => readings.get(id),
    range: refuse,
    view: refuse,
    store,
    act: async (action, value) => {
      acted.push(`${action} ${String(value)}`);
      if (reach.failActions !== undefined) throw reach.failActions;
      return Promise.resolve();
    },
    fetch: refuse,
    secret: refuse,
    log: ({ text }) => void logged.push(text),
  };
  return reach;
}

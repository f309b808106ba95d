import { verifyShape } from '../../core/document/verify-shape.ts';
import { DewproofError } from '../../core/errors.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { Json, KeyValueStore } from '../reach/reach.ts';
import type { Operation } from '../readings/operation.ts';
import { keyValueKey, sealValue } from './key-value-records.ts';

const MAX_KEYS = 1_000;
const MAX_KEY_BYTES = 256;
const MAX_VALUE_BYTES = 16_384;
const MAX_BYTES = 1_048_576;

/** One resource's keys and values, in memory, with what of them is not on disk yet. */
export interface ResourceKeyValues {
  readonly store: KeyValueStore;
  /** Hands out what changed; `giveBack` where it could not be written. */
  takeChanges(): { readonly operations: readonly Operation[]; readonly giveBack: () => void };
}

/** Makes them of what the disk holds, as JSON by key; `onDirty` hears of every change. */
export function createResourceKeyValues(options: {
  readonly resource: ResourceId;
  readonly values: Map<string, string>;
  readonly onDirty: () => void;
}): ResourceKeyValues {
  const { resource, values, onDirty } = options;
  const changed = new Set<string>();
  let bytes = 0;
  for (const [key, json] of values) bytes += sizeOf(key) + sizeOf(json);

  function change(key: string): void {
    changed.add(key);
    onDirty();
  }

  function put(key: string, value: Json): void {
    verifyKey(key);
    const json = toJson(value);
    const old = values.get(key);
    const oldBytes = old === undefined ? 0 : sizeOf(key) + sizeOf(old);
    const newBytes = bytes - oldBytes + sizeOf(key) + sizeOf(json);
    if (old === undefined && values.size >= MAX_KEYS) throw full(`${MAX_KEYS} keys`);
    // What a fuller disk held before stays usable: only growth is refused.
    if (newBytes > MAX_BYTES && newBytes > bytes) throw full(`${MAX_BYTES} bytes`);
    bytes = newBytes;
    values.set(key, json);
    if (json !== old) change(key);
  }

  function remove(key: string): void {
    const old = values.get(key);
    if (old === undefined) return;
    values.delete(key);
    bytes -= sizeOf(key) + sizeOf(old);
    change(key);
  }

  return {
    store: {
      get: (key) => {
        const json = values.get(key);
        // Parsed anew each time, so that nobody changes what is kept by changing what they got.
        return json === undefined ? undefined : (JSON.parse(json) as Json);
      },
      put,
      delete: remove,
      keys: () => [...values.keys()].sort(),
    },
    takeChanges: () => {
      const taken = [...changed];
      changed.clear();
      const operations = taken.map((name): Operation => {
        const key = keyValueKey({ resource, key: name });
        const json = values.get(name);
        return json === undefined ? { type: 'del', key } : { type: 'put', key, value: sealValue(json) };
      });
      return {
        operations,
        giveBack: () => {
          for (const key of taken) changed.add(key);
        },
      };
    },
  };
}

function verifyKey(key: string): void {
  if (key !== '' && key.isWellFormed() && sizeOf(key) <= MAX_KEY_BYTES) return;
  throw new DewproofError('SCHEMA', `A key has 1 to ${MAX_KEY_BYTES} bytes of UTF-8; choose a shorter one.`);
}

/** @throws SCHEMA, TOO_DEEP */
function toJson(value: Json): string {
  verifyShape(value);
  const json = JSON.stringify(value) as string | undefined;
  if (json !== undefined && sizeOf(json) <= MAX_VALUE_BYTES) return json;
  throw new DewproofError('SCHEMA', `A value is JSON of at most ${MAX_VALUE_BYTES} bytes; split it.`);
}

function full(what: string): DewproofError {
  return new DewproofError('DISK_FULL', `A resource keeps at most ${what}; delete some keys.`);
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}

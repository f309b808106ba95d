import type { ResourceId } from '../../core/ids.ts';
import type { Sublevel } from '../../platform/store/open-store.ts';
import { keysUnder } from '../readings/reading-keys.ts';
import { keyValuePrefix, openValue, parseKeyValueKey } from './key-value-records.ts';

/** Reads a resource's values from the disk, as JSON by key; those that decayed are left out and counted. */
export async function loadKeyValues(
  level: Sublevel,
  resource: ResourceId,
): Promise<{ readonly values: Map<string, string>; readonly corrupt: number }> {
  const values = new Map<string, string>();
  let corrupt = 0;
  for await (const [at, record] of level.iterator(keysUnder(keyValuePrefix(resource)))) {
    const key = parseKeyValueKey({ resource, at });
    const json = openValue(record);
    if (key === undefined || json === undefined) corrupt += 1;
    else values.set(key, json);
  }
  return { values, corrupt };
}

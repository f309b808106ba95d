import type { ResourceId } from '../../core/ids.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';

/** Where one resource's keys stand: no key can lead out of it, since all that follows is hexadecimal. */
export function keyValuePrefix(resource: ResourceId): string {
  return `${resource}/`;
}

/** Where one key of a resource stands. */
export function keyValueKey({ resource, key }: { resource: ResourceId; key: string }): string {
  return keyValuePrefix(resource) + Buffer.from(key).toString('hex');
}

/** The key that stands somewhere; undefined where none does. */
export function parseKeyValueKey({ resource, at }: { resource: ResourceId; at: string }): string | undefined {
  const hex = at.slice(keyValuePrefix(resource).length);
  const key = Buffer.from(hex, 'hex').toString();
  return keyValueKey({ resource, key }) === at ? key : undefined;
}

/** A value's JSON as the disk holds it. */
export function sealValue(json: string): string {
  return sealRecord(json);
}

/** A value's JSON; undefined where it decayed. */
export function openValue(record: string): string | undefined {
  try {
    const json = openRecord(record);
    JSON.parse(json);
    return json;
  } catch {
    return undefined;
  }
}

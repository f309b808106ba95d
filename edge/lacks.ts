import { hasCode } from '../core/errors.ts';

/** Tells whether `error` is a lack around a resource, which no restart of it mends and which is no fault of its own. */
export function isLack(error: unknown): boolean {
  return hasCode(
    error,
    'BROKER_UNAVAILABLE',
    'LINK_MISSING',
    'SENSOR_UNAVAILABLE',
    'DISK_FULL',
    'STORE_CORRUPT',
    'DEW_UNAVAILABLE',
    'SLOW_RETRIEVAL',
    'SECRET_MISSING',
  );
}

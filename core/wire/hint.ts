import { z } from 'zod';
import { DewproofError } from '../errors.ts';
import type { GroupId } from '../ids.ts';
import { parseJsonBytes } from './json-bytes.ts';

/** The most bytes of a hint. */
export const MAX_HINT_BYTES = 256;

const hintSchema = z.strictObject({ about: z.enum(['ledger', 'assignments']) });

/**
 * What a dew tells its group to look at again: the ledger moved, or the assignments did. It carries no facts: a forged
 * hint costs a look, a lost one costs time until the next regular look.
 */
export type Hint = Readonly<z.infer<typeof hintSchema>>;

/** The MQTT topic of a group's hints. */
export function hintTopic(group: GroupId): string {
  return `dewproof/v1/hints/${group.slice(2)}`;
}

/** A hint as an MQTT payload. */
export function formatHint(hint: Hint): string {
  return JSON.stringify(hint);
}

/** Reads a hint's payload. @throws ENDLESS_DATA, SCHEMA */
export function parseHint(payload: Uint8Array): Hint {
  if (payload.length > MAX_HINT_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `A hint has at most ${MAX_HINT_BYTES} bytes; this is none of ours.`);
  }
  const parsed = hintSchema.safeParse(parseJsonBytes(payload));
  if (parsed.success) return parsed.data;
  throw new DewproofError('SCHEMA', 'This is no hint of a dew server.');
}

import { z } from 'zod';
import { DIGEST_PATTERN, type Digest } from '../digest.ts';
import { NAME_PATTERN } from '../ids.ts';
import { DURATION_PATTERN, durationMs } from './duration.ts';
import { MAX_ENTRIES } from './limits.ts';

/** A tenant's, resource's or group's name, or the id of a part of a document. */
export const name = z
  .string()
  .max(63)
  .regex(NAME_PATTERN, 'expected a name: 1 to 63 of a-z, 0-9 and -, neither first nor last a -');

/** A digest in its text form. */
export const digest = z
  .string()
  .max(71)
  .regex(DIGEST_PATTERN, 'expected sha256: and 64 lower-case hexadecimal digits')
  .transform((text) => text as Digest);

/** At least 16 random bytes as base64url, so that a small configuration can't be guessed from its digest. */
export const salt = z
  .string()
  .max(86)
  .regex(/^[A-Za-z0-9_-]{22,86}$/, 'expected 16 to 64 random bytes as base64url without padding');

/** A version; the ledger's go to 2^64 - 1, a document's end where JSON numbers stay exact. */
export const version = z.int().min(1);

const LABEL_KEY = /^[a-z0-9](?:[a-z0-9._/-]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** Free descriptions, at most `MAX_ENTRIES`. */
export const labels = z
  .record(
    z.string().regex(LABEL_KEY, 'expected 1 to 63 of a-z, 0-9, . _ / and -'),
    z.string().max(63).regex(LABEL_VALUE, 'expected 1 to 63 of A-Z, a-z, 0-9, . _ and -'),
  )
  .refine((entries) => Object.keys(entries).length <= MAX_ENTRIES, `expected at most ${MAX_ENTRIES} entries`);

/** A list of at most `MAX_ENTRIES`, none where it is left out. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.array(item).max(MAX_ENTRIES).default([]);
}

/** Words out of `known`, each at most once; none where it is left out. */
export function setOf<const Word extends string>(known: readonly Word[]) {
  return z.array(z.enum(known)).max(known.length).refine(isUnique, 'expected each only once');
}

/** A duration within bounds, both written as durations themselves. */
export function duration(bounds: { from: string; to: string }) {
  return z
    .string()
    .max(11)
    .regex(DURATION_PATTERN, 'expected a duration: a whole number and ms, s, m, h or d')
    .refine((text) => isWithin(text, bounds), `expected a duration from ${bounds.from} to ${bounds.to}`);
}

/** Tells whether no two of `values` are the same. */
export function isUnique(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

function isWithin(text: string, { from, to }: { from: string; to: string }): boolean {
  if (!DURATION_PATTERN.test(text)) return true;
  return durationMs(from) <= durationMs(text) && durationMs(text) <= durationMs(to);
}

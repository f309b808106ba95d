import { Option } from 'commander';
import { durationMs } from '../core/document/duration.ts';
import { DewproofError } from '../core/errors.ts';
import { NEVER } from '../core/policy.ts';
import { argument } from './options.ts';

/** When something ends: after some time, at a moment, or never. */
export type Expiry = { readonly afterSeconds: bigint } | { readonly at: bigint };

/** Parses `never`, a duration (`30d`, `12h`) or an ISO 8601 date (`2031-01-31`, with or without a time). @throws SCHEMA */
export function parseExpiry(text: string): Expiry {
  if (text === 'never') return { at: NEVER };
  if (/^\d+[a-z]+$/.test(text)) return { afterSeconds: BigInt(Math.ceil(durationMs(text) / 1000)) };
  const milliseconds = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isFinite(milliseconds) && milliseconds > 0) return { at: BigInt(Math.floor(milliseconds / 1000)) };
  throw new DewproofError(
    'SCHEMA',
    'Expected a duration as in 30d, a date as in 2031-01-31 or 2031-01-31T18:00:00Z, or never.',
  );
}

/** The moment in Unix seconds at which `expiry` ends, counted from `now`. */
export function expiryAt(expiry: Expiry, now: bigint): bigint {
  return 'at' in expiry ? expiry.at : now + expiry.afterSeconds;
}

/** When a grant or membership ends. */
export function expiresOption(): Option {
  return new Option('--expires <when>', 'a duration (30d), a date (2031-01-31), or never')
    .argParser(argument(parseExpiry))
    .default({ at: NEVER }, 'never');
}

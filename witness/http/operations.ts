import { z } from 'zod';
import { healthySchema, readySchema } from '../../core/wire/health.ts';
import { nonceSchema } from '../../core/wire/witness-nonce.ts';
import type { Operation } from '../../platform/http/api.ts';

/** A height in a path: decimal, without leading zeros. */
export const heightSchema = z.string().regex(/^(?:0|[1-9][0-9]{0,19})$/, 'expected a height');

const note = { type: 'text/plain', description: 'A signed note (C2SP)' };
const whileClosed = ['LEDGER_BEHIND', 'WRONG_CHAIN', 'EQUIVOCATION', 'CONFIG', 'TOO_MANY'] as const;

/** What each of a witness's routes does; notes are public, so that all are open. */
export const operations = {
  healthy: { summary: 'Whether the process works', access: 'open', answer: { schema: healthySchema } },
  ready: {
    summary: 'Whether it signs',
    access: 'open',
    answer: { schema: readySchema },
    codes: [...whileClosed, 'LEDGER_UNAVAILABLE', 'PROOF_INVALID', 'DISK_FULL', 'STORE_CORRUPT'],
  },
  latest: {
    summary: 'The note on the newest block that it signed',
    access: 'open',
    answer: note,
    tagged: true,
    codes: whileClosed,
  },
  atHeight: {
    summary: 'The note on the block of one height, of the newest 1,024 that it signed',
    access: 'open',
    path: { height: heightSchema },
    answer: note,
    tagged: true,
    codes: [...whileClosed, 'NOT_FOUND'],
  },
  nonce: {
    summary: "Signs a caller's nonce with the time and the newest block signed",
    access: 'open',
    body: { schema: nonceSchema },
    answer: note,
    codes: whileClosed,
  },
} as const satisfies Readonly<Record<string, Operation>>;

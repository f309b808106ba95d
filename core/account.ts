import { DewproofError } from './errors.ts';

/** A secp256k1 account's 20-byte address, `0x` and 40 lower-case hexadecimal digits on every ledger. */
export type Account = `0x${string}`;

/** An account's one form, for schemas that print it. */
export const ACCOUNT_PATTERN = /^0x[0-9a-f]{40}$/;

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** Parses an address in any letter case to its lower-case form. @throws SCHEMA */
export function parseAccount(value: unknown): Account {
  if (typeof value === 'string' && ADDRESS.test(value)) return value.toLowerCase() as Account;
  throw new DewproofError('SCHEMA', 'An account is written 0x followed by 40 hexadecimal digits.');
}

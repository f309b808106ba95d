import { z } from 'zod';
import type { Account } from '../account.ts';

/** A secp256k1 account's address in its one form. */
export const account = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, 'expected 0x and 40 lower-case hexadecimal digits')
  .transform((text) => text as Account);

/** An EIP-191 signature: `0x`, r, s, v as 65 bytes. */
export const signature = z
  .string()
  .regex(/^0x[0-9a-f]{128}1[bc]$/, 'expected a 65-byte signature')
  .transform((text) => text as `0x${string}`);

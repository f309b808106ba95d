import { z } from 'zod';
import { accountField } from '../ledger/state-fields.ts';

/** A secp256k1 account's address in its one form. */
export const account = accountField;

/** An EIP-191 signature: `0x`, r, s, v as 65 bytes. */
export const signature = z
  .string()
  .regex(/^0x[0-9a-f]{128}1[bc]$/, 'expected a 65-byte signature')
  .transform((text) => text as `0x${string}`);

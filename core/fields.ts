import { z } from 'zod';
import { ACCOUNT_PATTERN, type Account } from './account.ts';
import { BYTES32_PATTERN, DIGEST_PATTERN, type Bytes32, type Digest } from './digest.ts';
import { NAME_PATTERN } from './ids.ts';

/** A tenant's, resource's, group's or role's name. */
export const nameField = z.string().regex(NAME_PATTERN, 'expected a name of a-z, 0-9 and -');

/** 32 bytes in their one form. */
export const bytes32Field = z
  .string()
  .regex(BYTES32_PATTERN, 'expected 0x and 64 lower-case hexadecimal digits')
  .transform((text) => text as Bytes32);

/** A secp256k1 account's address in its one form. */
export const accountField = z
  .string()
  .regex(ACCOUNT_PATTERN, 'expected 0x and 40 lower-case hexadecimal digits')
  .transform((text) => text as Account);

/** An EIP-191 signature: `0x`, r, s, v as 65 bytes that end in 27 or 28. */
export const signatureField = z
  .string()
  .regex(/^0x[0-9a-f]{128}1[bc]$/, 'expected a 65-byte signature')
  .transform((text) => text as `0x${string}`);

/** A digest in its text form. */
export const digestField = z
  .string()
  .regex(DIGEST_PATTERN, 'expected sha256: and 64 lower-case hexadecimal digits')
  .transform((text) => text as Digest);

/** JSON's numbers lose digits past 2^53; a uint64 is written as a decimal string. */
export const uint64Field = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,19})$/)
  .transform((text) => BigInt(text))
  .refine((value) => value < 2n ** 64n);

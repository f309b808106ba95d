import { z } from 'zod';
import type { Account } from '../account.ts';
import type { Bytes32 } from '../digest.ts';

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'expected 0x and 64 lower-case hexadecimal digits')
  .transform((value) => value as Bytes32);

const account = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, 'expected 0x and 40 lower-case hexadecimal digits')
  .transform((value) => value as Account);

/** `rpc` believes the node it asks; a block counts once it is `confirmations` deep. */
const rpc = z.strictObject({
  kind: z.literal('rpc'),
  url: z.url(),
  confirmations: z.int().min(0).max(1000),
});

/**
 * The contract that names the validators where headers list nobody (Besu's `validatorcontractaddress`). Its code says
 * what its slots mean, and is therefore pinned.
 */
const validatorContract = z.strictObject({
  address: account,
  codeHash: bytes32,
  /** The slot of the `address[]` that holds them, as a word of 32 bytes. */
  slot: bytes32,
});

/** `qbft` believes ceil(2N/3) of the validators, and whom they were followed by since block `height`. */
const qbft = z.strictObject({
  kind: z.literal('qbft'),
  /** Who seals the blocks after `height`, ascending as headers list them. */
  validators: z
    .array(account)
    .min(1)
    .max(128)
    .refine(isAscending, 'expected the validators in ascending order, each once'),
  height: z.int().min(0),
  hash: bytes32,
  /** The genesis file's `epochlength`: votes of one epoch count together. */
  epochLength: z.int().positive().default(30_000),
  /** Where it is left out, headers list the validators. */
  contract: validatorContract.optional(),
});

/** One operator's witness: the name it signs by and its Ed25519 key. */
const witness = z.strictObject({
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9./-]{0,61}[a-z0-9])?$/, "expected a witness's name"),
  publicKey: bytes32,
});

/** `witnesses` believes ceil(2N/3) of the operators' witnesses, for chains whose seals alone are not final. */
const witnesses = z.strictObject({
  kind: z.literal('witnesses'),
  witnesses: z.array(witness).min(1).max(64).refine(areDistinct, 'expected witnesses with names and keys of their own'),
});

/** When a block counts. */
export const finalitySchema = z.discriminatedUnion('kind', [rpc, qbft, witnesses]);

/** Where a contract names the validators. */
export type ValidatorContract = z.infer<typeof validatorContract>;

/** A parsed finality rule. */
export type Finality = z.infer<typeof finalitySchema>;

function isAscending(accounts: readonly string[]): boolean {
  return accounts.every((one, index) => index === 0 || one > (accounts[index - 1] ?? ''));
}

function areDistinct(all: readonly { readonly name: string; readonly publicKey: string }[]): boolean {
  return (['name', 'publicKey'] as const).every((field) => new Set(all.map((one) => one[field])).size === all.length);
}

import { z } from 'zod';
import { accountField, bytes32Field } from '../fields.ts';
import { WITNESS_NAME_PATTERN } from '../witness/witness-name.ts';

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
  address: accountField,
  codeHash: bytes32Field,
  /** The slot of the `address[]` that holds them, as a word of 32 bytes. */
  slot: bytes32Field,
});

/** `qbft` believes ceil(2N/3) of the validators, and whom they were followed by since block `height`. */
const qbft = z.strictObject({
  kind: z.literal('qbft'),
  /** Who seals the blocks after `height`, ascending as headers list them. */
  validators: z
    .array(accountField)
    .min(1)
    .max(128)
    .refine(isAscending, 'expected the validators in ascending order, each once'),
  height: z.int().min(0),
  hash: bytes32Field,
  /** The genesis file's `epochlength`: votes of one epoch count together. */
  epochLength: z.int().positive().default(30_000),
  /** Where it is left out, headers list the validators. */
  contract: validatorContract.optional(),
});

/** One operator's witness: the name it signs by and its Ed25519 key. */
const witness = z.strictObject({
  name: z.string().regex(WITNESS_NAME_PATTERN, "expected a witness's name"),
  publicKey: bytes32Field,
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

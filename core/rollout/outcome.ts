import { z } from 'zod';
import { canonicalBytes } from '../document/canonical.ts';
import { digest, version } from '../document/fields.ts';
import { errorCodes } from '../errors.ts';
import { accountField, signatureField } from '../fields.ts';

/** The most outcomes in one call. */
export const MAX_OUTCOMES = 64;
/** A call of `MAX_OUTCOMES` has less than 40,000 bytes. */
export const MAX_OUTCOMES_BYTES = 65_536;

/**
 * How a device is with a rollout. `held`: it goes on with what it ran; `installing`: it is at the new version;
 * `running`: it runs the new one; `failed`: the new one failed on it; `returned`: it went back though its own did not
 * fail.
 */
export const outcomeStates = ['held', 'installing', 'running', 'failed', 'returned'] as const;

/** What a device says of itself under one order; `version` is the one that it has committed. */
export const rolloutOutcomeSchema = z.strictObject({
  apiVersion: z.literal('dewproof/v1'),
  kind: z.literal('RolloutOutcome'),
  /** Digest of the order that it goes by. */
  order: digest,
  device: accountField,
  state: z.enum(outcomeStates),
  version: version.nullable(),
  code: z.enum(errorCodes).nullable(),
});
export type RolloutOutcome = z.output<typeof rolloutOutcomeSchema>;

/** An outcome with the device's signature: a dew hands failures on, and can make up none. */
export const signedOutcomeSchema = z.strictObject({ outcome: rolloutOutcomeSchema, signature: signatureField });
export type SignedOutcome = z.output<typeof signedOutcomeSchema>;

/** The body of `POST /v1/outcomes`. */
export const outcomesSchema = z.strictObject({ outcomes: z.array(signedOutcomeSchema).min(1).max(MAX_OUTCOMES) });

const DOMAIN = 'dewproof rollout outcome v1\n';

/** The bytes that a device signs (EIP-191). */
export function messageOfOutcome(outcome: RolloutOutcome): Uint8Array {
  return Buffer.concat([Buffer.from(DOMAIN), canonicalBytes(outcome)]);
}

import { z } from 'zod';
import { version } from '../document/fields.ts';
import { errorCodes } from '../errors.ts';
import { accountField } from '../fields.ts';
import { rolloutPhases, signedOrderSchema } from '../rollout/order.ts';
import { outcomeStates } from '../rollout/outcome.ts';

const MAX_DEVICES = 10_000;

/** A dew's word on one device: what it said last, and how long ago; `unknown` where it said nothing under this order. */
const deviceSchema = z.strictObject({
  account: accountField,
  canary: z.boolean(),
  state: z.enum([...outcomeStates, 'unknown']),
  version: version.nullable(),
  code: z.enum(errorCodes).nullable(),
  ageSeconds: z.int().min(0).nullable(),
});

/**
 * What a dew answers to who asks for a rollout: the signed order, which proves itself, and what it heard of it.
 * `aborted-by-threshold`: so many canaries failed as the order allows, so that all of them go back.
 */
export const rolloutReportSchema = z.strictObject({
  signed: signedOrderSchema,
  phase: z.enum([...rolloutPhases, 'aborted-by-threshold']),
  /** Since the order arrived. */
  ageSeconds: z.int().min(0),
  failed: z.int().min(0),
  devices: z.array(deviceSchema).max(MAX_DEVICES),
});
export type RolloutReport = z.output<typeof rolloutReportSchema>;

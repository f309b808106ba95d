import { z } from 'zod';
import { MAX_ERROR_THRESHOLD, signedOrderSchema } from '../rollout/order.ts';
import { signedOutcomeSchema } from '../rollout/outcome.ts';

/** The most rollouts that a device hears of at once; with the largest orders they have 700,000 bytes. */
export const MAX_ROLLOUT_NOTES = 32;

/** What a dew hands a device of a rollout: the order, and the failures that ended it once there are enough. */
export const rolloutNoteSchema = z.strictObject({
  signed: signedOrderSchema,
  failures: z.array(signedOutcomeSchema).max(MAX_ERROR_THRESHOLD).default([]),
});
export type RolloutNote = z.output<typeof rolloutNoteSchema>;

import { z } from 'zod';

/** What `/healthz` answers while the process works. */
export const healthySchema = z.strictObject({ status: z.literal('ok') });
/** What `/readyz` answers once it serves. */
export const readySchema = z.strictObject({ status: z.literal('ready') });

import { z } from 'zod';
import { links } from './addresses.ts';
import { labels, name, salt, setOf, version } from './fields.ts';
import { MAX_ENTRIES } from './limits.ts';

const body = {
  labels: labels.default({}),
  links: setOf(links).default([]),
  capacity: z.strictObject({
    /** How many virtual resources the device runs at most. */
    resources: z.int().min(0).max(1000),
    memoryMiB: z.int().min(1).max(1_048_576).optional(),
  }),
  /** Where other edges of its group reach it, to tell it of newer heads. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(256)
    .optional(),
  /** A sensor's or actuator's address (topic or URI) for each input or action id that leaves it open. */
  bindings: z
    .record(name, z.string().min(1).max(512))
    .refine((entries) => Object.keys(entries).length <= MAX_ENTRIES, `expected at most ${MAX_ENTRIES} entries`)
    .default({}),
};

const shell = {
  apiVersion: z.literal('dewproof/v1', 'expected dewproof/v1'),
  kind: z.literal('DeviceProfile'),
  metadata: z.strictObject({ tenant: name, name }),
};

/** The approved description of a device. */
export const deviceProfileSchema = z.strictObject({ ...shell, spec: z.strictObject({ version, salt, ...body }) });

/** The same as a person may write it: `planVersion` adds version and salt. */
export const deviceProfileDraftSchema = z.strictObject({
  ...shell,
  spec: z.strictObject({ version: version.optional(), salt: salt.optional(), ...body }),
});

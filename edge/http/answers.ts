import { z } from 'zod';
import { nameField } from '../../core/fields.ts';

const time = z.iso.datetime();
const scalar = z.union([z.number(), z.boolean(), z.string()]);
const reading = z.object({ time, value: scalar });
const next = z.string().optional().describe('Where the next page begins; absent on the last');

/** The list of what runs here and the caller may read. */
export const resourcesAnswer = z.object({
  resources: z.array(
    z.object({
      tenant: nameField,
      name: nameField,
      state: z.string(),
      version: z.int().nullable(),
      views: z.array(z.object({ id: z.string(), path: z.string() })),
      actions: z.array(z.object({ id: z.string(), path: z.string() })),
    }),
  ),
});

const head = {
  tenant: nameField,
  name: nameField,
  version: z.int(),
  view: z.string(),
  unit: z.string().optional(),
  units: z.record(z.string(), z.string()).optional().describe('By input, where several are joined'),
};

/** By aggregate; null where it has no value, or one beyond a double. */
const reduction = z.record(z.string(), z.number().nullable());
const window = z
  .object({
    from: time,
    to: time,
    offset: z.string().optional().describe("How far the zone's clocks are ahead of UTC"),
    values: z.record(z.string(), reduction.nullable()).optional().describe('By input, where several are joined'),
  })
  .catchall(z.number().nullable());

/** A view of readings: the newest ones, a page of them, or a page of windows, oldest first. */
export const readingsAnswer = z.union([
  z.object({ ...head, reading: reading.nullable() }),
  z.object({ ...head, latest: z.record(z.string(), reading.nullable()) }),
  z.object({ ...head, readings: z.array(reading), next }),
  z.object({ ...head, window: z.string(), timezone: z.string().optional(), windows: z.array(window), next }),
]);

/** A view: of readings, or whatever the resource's own code answers. */
export const viewAnswer = z.union([readingsAnswer, z.unknown().describe('A computed view')]);

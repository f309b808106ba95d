import { z } from 'zod';
import { NAME_PATTERN } from '../../core/ids.ts';

const name = z.string().regex(NAME_PATTERN);
const time = z.iso.datetime();
const scalar = z.union([z.number(), z.boolean(), z.string()]);
const reading = z.object({ time, value: scalar });
const next = z.string().optional().describe('Where the next page begins; absent on the last');

/** The list of what runs here and the caller may read. */
export const resourcesAnswer = z.object({
  resources: z.array(
    z.object({
      tenant: name,
      name,
      state: z.string(),
      version: z.int().nullable(),
      views: z.array(z.object({ id: z.string(), path: z.string() })),
      actions: z.array(z.object({ id: z.string(), path: z.string() })),
    }),
  ),
});

const viewHead = { tenant: name, name, version: z.int(), view: z.string(), unit: z.string().optional() };

/** A view of readings: the newest one, a page of them, or a page of windows, oldest first. */
export const readingsAnswer = z.union([
  z.object({ ...viewHead, reading: reading.nullable() }),
  z.object({ ...viewHead, readings: z.array(reading), next }),
  z.object({
    ...viewHead,
    window: z.string(),
    windows: z.array(
      z.object({
        from: time,
        to: time,
        count: z.int().optional(),
        min: z.number().optional(),
        max: z.number().optional(),
        mean: z.number().optional(),
      }),
    ),
    next,
  }),
]);

/** A view: of readings, or whatever the resource's own code answers. */
export const viewAnswer = z.union([readingsAnswer, z.unknown().describe('A computed view')]);

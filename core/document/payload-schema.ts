import { z } from 'zod';
import { scalarTypes } from './scalar.ts';

/** A JSON pointer (RFC 6901). */
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

const shape = z.strictObject({
  format: z.enum(['number', 'json', 'text', 'cbor']).default('number'),
  /** Where in a structured message the value stands. */
  pointer: z.string().max(256).regex(POINTER, 'expected a JSON pointer (RFC 6901)').optional(),
  /** What the value must be; left out, `text` for the format text and `number` for all others. */
  type: z.enum(scalarTypes).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  /** Of a text, in UTF-16 code units. */
  maxLength: z.int().min(1).max(4096).default(1024),
  unit: z
    .string()
    .max(16)
    .regex(/^[\p{L}\p{N}\p{S}%/·'" ^*.-]+$/u, 'expected a unit')
    .optional(),
});

/** How bytes become a value and a value becomes bytes. */
export const payloadSchema = shape
  .refine(({ format, pointer }) => pointer === undefined || format === 'json' || format === 'cbor', {
    path: ['pointer'],
    message: 'expected a pointer only with the formats json and cbor',
  })
  .refine(({ format, type = format }) => (format !== 'number' && format !== 'text') || type === format, {
    path: ['type'],
    message: 'expected the type of the format itself (number, text); json and cbor carry all types',
  })
  .refine(({ minimum = -Infinity, maximum = Infinity }) => minimum <= maximum, {
    path: ['maximum'],
    message: 'expected a maximum that is not below the minimum',
  })
  .transform((payload) => ({ ...payload, type: payload.type ?? (payload.format === 'text' ? 'text' : 'number') }))
  .prefault({});

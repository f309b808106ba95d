import { z } from 'zod';
import { binarySchema } from './binary-schema.ts';
import { scalarTypes } from './scalar.ts';

/** A JSON pointer (RFC 6901). */
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

const shape = z.strictObject({
  format: z.enum(['number', 'json', 'text', 'cbor', 'binary']).default('number'),
  /** Where in a structured message the value stands. */
  pointer: z.string().max(256).regex(POINTER, 'expected a JSON pointer (RFC 6901)').optional(),
  /** Where in a binary message the number stands, and as what. */
  binary: binarySchema.optional(),
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

/** What a format is always of; json and cbor carry all types. */
const formatTypes = { number: 'number', text: 'text', binary: 'number', json: undefined, cbor: undefined } as const;

/** How bytes become a value and a value becomes bytes. */
export const payloadSchema = shape
  .refine(({ format, pointer }) => pointer === undefined || format === 'json' || format === 'cbor', {
    path: ['pointer'],
    message: 'expected a pointer only with the formats json and cbor',
  })
  .refine(({ format, binary }) => (binary !== undefined) === (format === 'binary'), {
    path: ['binary'],
    message: 'expected how the number stands in the bytes, with the format binary and no other',
  })
  .refine(({ format, type = formatTypes[format] }) => type === (formatTypes[format] ?? type), {
    path: ['type'],
    message: 'expected the type of the format itself (number, text; binary is a number); json and cbor carry all types',
  })
  .refine(({ minimum = -Infinity, maximum = Infinity }) => minimum <= maximum, {
    path: ['maximum'],
    message: 'expected a maximum that is not below the minimum',
  })
  .transform((payload) => ({ ...payload, type: payload.type ?? formatTypes[payload.format] ?? 'number' }))
  .prefault({});

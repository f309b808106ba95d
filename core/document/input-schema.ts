import { z } from 'zod';
import { address } from './addresses.ts';
import { duration, name } from './fields.ts';

/** A JSON pointer (RFC 6901). */
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

/** How bytes become a value; `pointer` picks a part of a structured one. */
const payload = z
  .strictObject({
    format: z.enum(['number', 'json', 'text', 'cbor']).default('number'),
    pointer: z.string().max(256).regex(POINTER, 'expected a JSON pointer (RFC 6901)').optional(),
    unit: z
      .string()
      .max(16)
      .regex(/^[\p{L}\p{N}\p{S}%/·'" ^*.-]+$/u, 'expected a unit')
      .optional(),
  })
  .refine(({ format, pointer }) => pointer === undefined || format === 'json' || format === 'cbor', {
    path: ['pointer'],
    message: 'expected a pointer only with the formats json and cbor',
  })
  .prefault({});

const uuid = z.uuid('expected a UUID').max(36);

/** Where values come from: exactly one transport. */
export const inputSchema = z.union([
  z.strictObject({ id: name, mqtt: z.strictObject({ topic: address('topicFilter') }), payload }),
  z.strictObject({
    id: name,
    coap: z.strictObject({ uri: address('coap'), observe: z.boolean().default(false) }),
    payload,
  }),
  z.strictObject({
    id: name,
    http: z.strictObject({ uri: address('http'), every: duration({ from: '100ms', to: '7d' }) }),
    payload,
  }),
  z.strictObject({
    id: name,
    ble: z.strictObject({ address: address('ble'), service: uuid, characteristic: uuid }),
    payload,
  }),
]);

/** What a resource can do to the world. */
export const actionSchema = z.strictObject({ id: name, mqtt: z.strictObject({ topic: address('topicName') }) });

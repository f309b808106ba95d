import { z } from 'zod';
import { address } from './addresses.ts';
import { duration, name } from './fields.ts';
import { payloadSchema } from './payload-schema.ts';

const part = { id: name, payload: payloadSchema };
const every = duration({ from: '100ms', to: '7d' });
const uuid = z.uuid('expected a UUID').max(36);

/** Where values come from: exactly one transport; `push` takes what permitted callers send over HTTP. */
export const inputSchema = z.union([
  z.strictObject({ ...part, mqtt: z.strictObject({ topic: address('topicFilter') }) }),
  z.strictObject({
    ...part,
    /** Asked at an interval, or observed (RFC 7641); an observation is renewed at the interval. */
    coap: z.strictObject({ uri: address('coap'), observe: z.boolean().default(false), every: every.default('30s') }),
  }),
  z.strictObject({ ...part, http: z.strictObject({ uri: address('http'), every }) }),
  z.strictObject({ ...part, push: z.literal(true) }),
  z.strictObject({
    ...part,
    /** Notified of changes, or read at an interval where one is given. */
    ble: z.strictObject({
      address: address('ble'),
      service: uuid,
      characteristic: uuid,
      every: duration({ from: '1s', to: '7d' }).optional(),
    }),
  }),
]);

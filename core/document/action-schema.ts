import { z } from 'zod';
import { address } from './addresses.ts';
import { name } from './fields.ts';
import { payloadSchema } from './payload-schema.ts';

const part = { id: name, payload: payloadSchema };
const method = z.enum(['PUT', 'POST']).default('PUT');

/** What a resource can do to the world, over exactly one transport; `virtual` actuators exist in views alone. */
export const actionSchema = z.union([
  z.strictObject({ ...part, mqtt: z.strictObject({ topic: address('topicName') }) }),
  z.strictObject({ ...part, http: z.strictObject({ uri: address('http'), method }) }),
  z.strictObject({ ...part, coap: z.strictObject({ uri: address('coap'), method }) }),
  z.strictObject({ ...part, virtual: z.literal(true) }),
]);

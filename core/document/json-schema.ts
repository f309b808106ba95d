import { z } from 'zod';
import { documentDraftSchema } from './schema.ts';

/** The JSON Schema (2020-12) of what a person writes, from the schema that checks it; for editors, not for trust. */
export function documentJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(documentDraftSchema, { io: 'input', target: 'draft-2020-12' });
  return { ...schema, title: 'Dewproof document' };
}

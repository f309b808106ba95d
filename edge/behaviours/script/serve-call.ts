import { z } from 'zod';
import { verifyShape } from '../../../core/document/verify-shape.ts';
import { DewproofError } from '../../../core/errors.ts';
import type { Json, Reach } from '../../reach/reach.ts';
import { MAX_CALL_LENGTH } from './script-limits.ts';

const id = z.string().max(256);
const time = z
  .number()
  .min(0)
  .max(2 ** 48 - 1);
const json: z.ZodType<Json> = z.json();
const token = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/, 'expected the name of a header');

const callSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('latest'), args: z.strictObject({ id }) }),
  z.strictObject({ op: z.literal('range'), args: z.strictObject({ id, fromMs: time, toMs: time.optional() }) }),
  z.strictObject({
    op: z.literal('view'),
    args: z.strictObject({ view: id, query: z.record(z.string().max(64), z.string().max(1024)) }),
  }),
  z.strictObject({ op: z.literal('get'), args: z.strictObject({ key: z.string() }) }),
  z.strictObject({ op: z.literal('put'), args: z.strictObject({ key: z.string(), value: json }) }),
  z.strictObject({ op: z.literal('delete'), args: z.strictObject({ key: z.string() }) }),
  z.strictObject({ op: z.literal('keys'), args: z.strictObject({}) }),
  z.strictObject({ op: z.literal('act'), args: z.strictObject({ action: id, value: json.optional() }) }),
  z.strictObject({ op: z.literal('secret'), args: z.strictObject({ name: id }) }),
  z.strictObject({
    op: z.literal('fetch'),
    args: z.strictObject({
      url: z.string().max(2048),
      method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
      headers: z.record(token, z.string().max(4096)),
      body: z.string().optional(),
    }),
  }),
]);

/** A call of a script's, checked. */
export type ScriptCall = z.output<typeof callSchema>;

/** Parses what a script asks for; it wrote every byte of it. @throws ENDLESS_DATA, SCHEMA, TOO_DEEP */
export function parseScriptCall(text: string): ScriptCall {
  const parsed = callSchema.safeParse(parseScriptJson(text, MAX_CALL_LENGTH));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DewproofError('SCHEMA', `The script called with ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`);
}

/** Parses JSON that a script wrote. @throws ENDLESS_DATA, SCHEMA (not JSON, lone surrogates, `__proto__`), TOO_DEEP */
export function parseScriptJson(text: string, maxLength: number): unknown {
  if (text.length > maxLength)
    throw new DewproofError('ENDLESS_DATA', `A script hands over at most ${maxLength} characters.`);
  try {
    const value: unknown = JSON.parse(text);
    verifyShape(value);
    return value;
  } catch (cause) {
    if (cause instanceof DewproofError) throw renamed(cause);
    throw new DewproofError('SCHEMA', 'A script hands over JSON.', { cause });
  }
}

// The check is the documents' own, and so are its words.
function renamed({ code, message }: DewproofError): DewproofError {
  return new DewproofError(code, message.replace('The document', 'What the script hands over'));
}

/** Does what a script asks for; undefined where there is nothing to tell it. @throws what `Reach` throws */
export async function serveCall(
  call: ScriptCall,
  { reach, clock }: { reach: Reach; clock: () => number },
): Promise<unknown> {
  switch (call.op) {
    case 'latest': {
      const reading = reach.latest(call.args.id);
      return reading === undefined ? undefined : { time: reading.timeMs, value: reading.value };
    }
    case 'range': {
      const { id: input, fromMs, toMs = clock() + 1 } = call.args;
      const { readings } = await reach.range({ id: input, fromMs, toMs });
      return readings.map(({ timeMs, value }) => ({ time: timeMs, value }));
    }
    case 'view':
      return reach.view(call.args.view, call.args.query);
    case 'get':
      return reach.store.get(call.args.key);
    case 'put':
      reach.store.put(call.args.key, call.args.value);
      return undefined;
    case 'delete':
      reach.store.delete(call.args.key);
      return undefined;
    case 'keys':
      return reach.store.keys();
    case 'act':
      await reach.act(call.args.action, call.args.value);
      return undefined;
    case 'secret':
      return reach.secret(call.args.name);
    case 'fetch':
      return reach.fetch({ ...call.args, body: call.args.body });
  }
}

const logSchema = z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']), text: z.string().max(8_192) });

/** A line that a script logs; undefined where it is none. */
export function parseLogEntry(text: string): z.output<typeof logSchema> | undefined {
  try {
    return logSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

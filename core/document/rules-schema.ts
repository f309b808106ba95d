import { z } from 'zod';
import { duration, name } from './fields.ts';

/** The most conditions of one rule. */
export const MAX_CONDITIONS = 32;
const MAX_RULES = 32;

const scalar = z.union([z.number(), z.boolean(), z.string().max(1024)]);

/** A key of the resource's own store; what begins with `rule/` is the rules' own. */
const storeKey = z
  .string()
  .min(1)
  .max(256)
  .refine((key) => !key.startsWith('rule/'), 'expected a key that does not begin with rule/');

/**
 * What a condition looks at. A name alone is the latest value of that input or action. There is no path into values:
 * a path language that can run code (JSONPath has scripts) has no place in a document.
 */
const fact = z.union([
  name,
  /** One aggregate of the window that is now, of a view with windows. */
  z.strictObject({ view: name, field: z.string().max(16) }),
  /** Seconds since the latest value of an input or action. */
  z.strictObject({ age: name }),
  /** What the resource's own store holds under a key. */
  z.strictObject({ stored: storeKey }),
  /** The time of day in a time zone (IANA), as `HH:MM`. */
  z.strictObject({ timeOfDay: z.string().max(64).refine(isTimeZone, 'expected a time zone, as in Europe/Berlin') }),
]);

const operand = z.union([scalar, z.strictObject({ fact })]);

const oneOf = z.array(scalar).min(1).max(64);

/** json-rules-engine's operators, without those that take patterns. */
const comparisons = [
  'equal',
  'notEqual',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
] as const;

const comparison = z.union([
  z.strictObject({ fact, operator: z.enum(comparisons), value: operand }),
  z.strictObject({ fact, operator: z.literal('in'), value: oneOf }),
  z.strictObject({ fact, operator: z.literal('notIn'), value: oneOf }),
]);

type Nested = z.infer<typeof comparison> | { all: Nested[] } | { any: Nested[] } | { not: Nested };

// It may nest as deep as a document may, which is checked before any schema is.
const condition: z.ZodType<Nested> = z.lazy(() =>
  z.union([
    comparison,
    z.strictObject({ all: list }),
    z.strictObject({ any: list }),
    z.strictObject({ not: condition }),
  ]),
);
const list = z.array(condition).min(1).max(MAX_CONDITIONS);

const rule = z.strictObject({
  id: name,
  when: condition,
  /** How long it must hold without a break before it counts. */
  for: duration({ from: '1s', to: '7d' }).optional(),
  /** Again and again while it holds; left out, once each time that it begins to hold. */
  repeat: duration({ from: '1s', to: '7d' }).optional(),
  /** The least time between two firings. */
  cooldown: duration({ from: '1s', to: '7d' }).optional(),
  do: z
    .array(z.strictObject({ action: name, value: operand }))
    .max(8)
    .default([]),
  set: z
    .array(z.strictObject({ key: storeKey, value: operand }))
    .max(8)
    .default([]),
});

/** What a resource does by itself, without a script: when conditions hold, it does actions or writes its store. */
export const rulesSchema = z.array(rule).max(MAX_RULES).default([]);

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

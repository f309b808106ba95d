import { z } from 'zod';
import { name } from '../../../core/document/fields.ts';
import type { VirtualResource } from '../../../core/document/schema.ts';
import { scalarTypeOf } from '../../../core/document/scalar.ts';
import { DewproofError } from '../../../core/errors.ts';

const MAX_STEPS = 1_000_000;

const time = z
  .union([
    z
      .number()
      .min(0)
      .max(2 ** 48 - 1),
    z.iso.datetime({ offset: true }).max(40),
  ])
  .transform((value) => (typeof value === 'number' ? value : Date.parse(value)));

const stepSchema = z.union([
  z
    .strictObject({ time, input: name, value: z.union([z.number(), z.boolean(), z.string().max(4096)]) })
    .transform(({ time: timeMs, ...rest }) => ({ timeMs, ...rest })),
  z
    .strictObject({ time, view: name, query: z.record(z.string(), z.string()).default({}) })
    .transform(({ time: timeMs, ...rest }) => ({ timeMs, ...rest })),
  z.strictObject({ time }).transform(({ time: timeMs }) => ({ timeMs })),
]);

/** What happens to a script at a time: a reading, a question for a view, or nothing but time. */
export type RehearsalStep = z.output<typeof stepSchema>;

/**
 * Parses recorded readings: JSON a line, `{"time", "input", "value"}`, `{"time", "view"}` to ask, `{"time"}` to let time
 * pass; times as RFC 3339 or milliseconds, never going back. With a document, ids and types are its own.
 * @throws SCHEMA (names the line), ENDLESS_DATA
 */
export function parseRehearsalSteps(text: string, document: VirtualResource | undefined): readonly RehearsalStep[] {
  const lines = text.split('\n');
  if (lines.length > MAX_STEPS) throw new DewproofError('ENDLESS_DATA', `At most ${MAX_STEPS} lines; split the file.`);
  const steps: RehearsalStep[] = [];
  let lastMs = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const step = parseStep(line);
    const problem = typeof step === 'string' ? step : problemOf(step, { lastMs, document });
    if (problem !== undefined || typeof step === 'string') {
      throw new DewproofError('SCHEMA', `Line ${index + 1} of the readings: ${problem ?? ''}; correct it.`);
    }
    lastMs = step.timeMs;
    steps.push(step);
  }
  return steps;
}

function parseStep(line: string): RehearsalStep | string {
  try {
    const parsed = stepSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : 'expected {"time", "input", "value"}, {"time", "view"} or {"time"}';
  } catch {
    return 'expected JSON';
  }
}

function problemOf(
  step: RehearsalStep,
  { lastMs, document }: { readonly lastMs: number; readonly document: VirtualResource | undefined },
): string | undefined {
  if (step.timeMs < lastMs) return 'its time is before that of the line above';
  if (document === undefined) return undefined;
  const { inputs, views } = document.spec;
  if ('view' in step) {
    const isComputed = views.some((view) => view.id === step.view && 'computed' in view);
    return isComputed ? undefined : `the document has no computed view ${step.view}`;
  }
  if (!('input' in step)) return undefined;
  const input = inputs.find(({ id }) => id === step.input);
  if (input === undefined) return `the document has no input ${step.input}`;
  return scalarTypeOf(step.value) === input.payload.type ? undefined : `expected a ${input.payload.type}`;
}

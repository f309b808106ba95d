import type { PayloadSpec, View, VirtualResource } from '../../core/document/schema.ts';
import { sourcesOf, type AggregateName } from '../../core/document/view-schema.ts';

/** A data schema of a Thing Description (W3C WoT TD 1.1, section 5.3.2): a part of JSON Schema. */
export interface DataSchema {
  readonly type?: 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'object' | 'array';
  readonly oneOf?: readonly DataSchema[];
  readonly properties?: Readonly<Record<string, DataSchema>>;
  readonly required?: readonly string[];
  readonly items?: DataSchema;
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly const?: string | number;
  readonly description?: string;
}

const time: DataSchema = { type: 'string', format: 'date-time' };
const offset: DataSchema = { type: 'string', description: "the time zone's offset from UTC at the beginning" };
const next: DataSchema = { type: 'string', description: 'the query parameter next of the following page' };

/** What values of an input or action look like. */
export function schemaOfPayload({ type, minimum, maximum, maxLength, unit }: PayloadSpec): DataSchema {
  if (type === 'boolean') return { type: 'boolean' };
  if (type === 'text') return { type: 'string', maxLength };
  return {
    type: 'number',
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(unit !== undefined && { unit }),
  };
}

/** What a view answers; nothing is known of one that is computed. */
export function schemaOfView(view: View, resource: VirtualResource): DataSchema {
  const { spec, metadata } = resource;
  const head = {
    tenant: { type: 'string', const: metadata.tenant },
    name: { type: 'string', const: metadata.name },
    version: { type: 'integer', const: spec.version },
    view: { type: 'string', const: view.id },
  } as const;
  if ('computed' in view) return {};
  const event = schemaOfEvent(view, resource);
  if ('window' in view) {
    const zone = view.timezone === undefined ? {} : { timezone: constant(view.timezone) };
    const windows: DataSchema = { type: 'array', items: event };
    return object({ ...head, window: constant(view.window), ...zone, windows }, { next });
  }
  if ('join' in view) return object({ ...head, ...event.properties });
  if ('range' in view) return object({ ...head, readings: { type: 'array', items: event } }, { next });
  return object({ ...head, reading: nullable(event) });
}

/** What an event of a view tells: a reading, the latest ones of several inputs, or a window that ended. */
export function schemaOfEvent(view: View, { spec }: VirtualResource): DataSchema {
  const payloads = new Map([...spec.inputs, ...spec.actions].map(({ id, payload }) => [id, payload]));
  const bySource = (schemaOf: (payload: PayloadSpec) => DataSchema): Readonly<Record<string, DataSchema>> =>
    Object.fromEntries(
      sourcesOf(view).flatMap((id) => {
        const payload = payloads.get(id);
        return payload === undefined ? [] : [[id, schemaOf(payload)] as [string, DataSchema]];
      }),
    );
  if ('window' in view) {
    const span = { from: time, to: time, ...(view.timezone === undefined ? {} : { offset }) };
    const rows = bySource((payload) => object(reductionsOf(view.aggregate, payload)));
    if ('join' in view) return object({ ...span, values: object(mapOf(rows, nullable)) });
    return object({ ...span, ...Object.values(rows)[0]?.properties });
  }
  const readings = bySource((payload) => object({ time, value: schemaOfPayload(payload) }));
  if ('join' in view) return object({ latest: object(mapOf(readings, nullable)) });
  const [reading = {}] = Object.values(readings);
  return reading;
}

function reductionsOf(names: readonly AggregateName[], { unit }: PayloadSpec): Readonly<Record<string, DataSchema>> {
  return Object.fromEntries(
    names.map((name): readonly [string, DataSchema] => {
      if (name === 'count') return [name, { type: 'integer', minimum: 1 }];
      const known = unit !== undefined && { unit: name === 'rate' ? `${unit}/s` : unit };
      const number: DataSchema = { type: 'number', ...known };
      return [name, name === 'min' || name === 'max' || name === 'mean' ? number : nullable(number)];
    }),
  );
}

function object(
  properties: Readonly<Record<string, DataSchema>>,
  optional: Readonly<Record<string, DataSchema>> = {},
): DataSchema {
  return { type: 'object', properties: { ...properties, ...optional }, required: Object.keys(properties) };
}

function nullable(schema: DataSchema): DataSchema {
  return { oneOf: [{ type: 'null' }, schema] };
}

function constant(value: string): DataSchema {
  return { type: 'string', const: value };
}

function mapOf(
  schemas: Readonly<Record<string, DataSchema>>,
  change: (schema: DataSchema) => DataSchema,
): Readonly<Record<string, DataSchema>> {
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, change(schema)]));
}

/** One field of the document: where it stands (`spec.inputs[].mqtt.topic`), what it takes, and what it is when left out. */
export interface Field {
  readonly path: string;
  readonly type: string;
  readonly default: string | undefined;
  readonly isRequired: boolean;
}

type Schema = Readonly<Record<string, unknown>>;

/**
 * All fields of a JSON Schema, each once, in the schema's own order; forms that exclude each other are told together.
 * What stands below a path that `isTold` is left out: it is told elsewhere.
 */
export function walkSchema(schema: Schema, isTold: (path: string) => boolean): readonly Field[] {
  const fields = new Map<string, Field>();
  const definitions = (schema['$defs'] ?? {}) as Readonly<Record<string, Schema>>;

  function visit(at: Schema, path: string, seen: readonly string[]): void {
    const reference = at['$ref'];
    if (typeof reference === 'string') {
      const name = reference.split('/').at(-1) ?? '';
      const definition = definitions[name];
      if (definition !== undefined && !seen.includes(name)) visit(definition, path, [...seen, name]);
      return;
    }
    for (const form of formsOf(at)) visit(form, path, seen);
    const required = (at['required'] ?? []) as readonly string[];
    for (const [key, inner] of Object.entries((at['properties'] ?? {}) as Readonly<Record<string, Schema>>)) {
      add({ path: path === '' ? key : `${path}.${key}`, inner, isRequired: required.includes(key) }, seen);
    }
    if (isSchema(at['items'])) visit(at['items'], `${path}[]`, seen);
    if (isSchema(at['additionalProperties'])) visit(at['additionalProperties'], `${path}.*`, seen);
  }

  function add(found: { path: string; inner: Schema; isRequired: boolean }, seen: readonly string[]): void {
    const { path, inner, isRequired } = found;
    const before = fields.get(path);
    const types = [...(before?.type.split(' or ') ?? []), ...typesOf(inner, definitions)];
    fields.set(path, {
      path,
      type: [...new Set(types)].join(' or '),
      default: 'default' in inner ? JSON.stringify(inner['default']) : before?.default,
      isRequired: (before?.isRequired ?? true) && isRequired,
    });
    if (!isTold(path)) visit(inner, path, seen);
  }

  visit(schema, '', []);
  return [...fields.values()];
}

function formsOf(schema: Schema): readonly Schema[] {
  return [...((schema['anyOf'] ?? []) as readonly Schema[]), ...((schema['oneOf'] ?? []) as readonly Schema[])];
}

function typesOf(schema: Schema, definitions: Readonly<Record<string, Schema>>): readonly string[] {
  const reference = schema['$ref'];
  if (typeof reference === 'string') return ['condition'];
  const forms = formsOf(schema);
  if (forms.length > 0) return forms.flatMap((form) => typesOf(form, definitions));
  if ('const' in schema) return [`\`${String(schema['const'])}\``];
  if (Array.isArray(schema['enum'])) return schema['enum'].map((word) => `\`${String(word)}\``);
  if (schema['type'] === 'array') return ['list'];
  if (schema['type'] === 'string') return ['text'];
  if (schema['type'] === 'number' || schema['type'] === 'integer') return [rangeOf(schema)];
  return [typeof schema['type'] === 'string' ? schema['type'] : 'any'];
}

function rangeOf({ type, minimum, maximum }: Schema): string {
  const isBounded = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER;
  const low = typeof minimum === 'number' && minimum > Number.MIN_SAFE_INTEGER ? ` from ${minimum}` : '';
  return `${String(type)}${low}${isBounded ? ` to ${maximum}` : ''}`;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}

import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { z } from 'zod';

const ref = z.strictObject({ $ref: z.string().startsWith('#/components/') });
const schema = z.union([ref, z.record(z.string(), z.unknown())]);
const content = z.record(z.string().regex(/^[\w.+-]+\/[\w.+-]+$/), z.strictObject({ schema: schema.optional() }));
const response = z.union([ref, z.strictObject({ description: z.string().min(1), content: content.optional() })]);
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  schema,
});
const operation = z.strictObject({
  operationId: z.string().regex(/^[A-Za-z0-9]+$/),
  summary: z.string().min(5),
  security: z.array(z.record(z.string(), z.array(z.never()))),
  parameters: z.array(parameter).min(1).optional(),
  requestBody: z.strictObject({ required: z.literal(true), content }).optional(),
  responses: z.record(z.string().regex(/^(?:[1-5]\d\d|default)$/), response),
});
const document = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  jsonSchemaDialect: z.url(),
  servers: z.array(z.strictObject({ url: z.string() })),
  paths: z.record(
    z.string().startsWith('/'),
    z.strictObject({
      get: operation.optional(),
      put: operation.optional(),
      post: operation.optional(),
      delete: operation.optional(),
    }),
  ),
  components: z.strictObject({
    schemas: z.record(z.string(), schema),
    responses: z.record(z.string(), response),
    securitySchemes: z.record(
      z.string(),
      z.strictObject({ type: z.literal('apiKey'), in: z.literal('header'), name: z.string(), description: z.string() }),
    ),
  }),
});

/** A document of OpenAPI 3.1, of the parts of it that ours use. */
export type OpenApiDocument = z.infer<typeof document>;

/**
 * Holds a document against the rules of OpenAPI 3.1.1: its objects and no unknown fields in them, a path's parameters
 * described once each, unique operation ids, references and security schemes that exist, schemas that ajv takes
 * (JSON Schema 2020-12, strict). @throws what is wrong
 */
export function verifyOpenApi(value: unknown): OpenApiDocument {
  const parsed = document.parse(value);
  const ids = new Set<string>();
  for (const [path, item] of Object.entries(parsed.paths)) {
    for (const one of Object.values(item).filter((each) => each !== undefined)) {
      if (ids.has(one.operationId)) throw new Error(`${one.operationId} twice`);
      ids.add(one.operationId);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = (one.parameters ?? [])
        .filter((each) => each.in === 'path' && each.required)
        .map(({ name }) => name);
      if (JSON.stringify(named) !== JSON.stringify(described)) throw new Error(`${path} describes ${described.join()}`);
      const unknown = one.security.flatMap(Object.keys).filter((name) => !(name in parsed.components.securitySchemes));
      if (unknown.length > 0) throw new Error(`${path} is secured by ${unknown.join()}`);
    }
  }
  const { ajv, schemas } = schemasOf(parsed);
  for (const one of schemas) ajv.compile(one);
  return parsed;
}

/** Tells what is wrong with an answer: `undefined` where the document has it so. */
export function answerErrors(
  { paths, components }: OpenApiDocument,
  { path, status, body }: { readonly path: string; readonly status: number; readonly body: unknown },
): unknown {
  const found = paths[path]?.get?.responses[status];
  const described =
    found !== undefined && 'content' in found ? Object.values(found.content ?? {})[0]?.schema : undefined;
  if (described === undefined) throw new Error(`${path} describes no answer ${status}`);
  const { ajv, absolute } = schemasOf({ paths, components } as OpenApiDocument);
  const validate = ajv.compile(absolute(described));
  return validate(body) ? undefined : validate.errors;
}

const DOCUMENT = 'urn:test:openapi';

/** An ajv that knows the document, and its schemas, which refer to it. */
function schemasOf({ paths, components }: OpenApiDocument) {
  const ajv = new Ajv2020.default({ strict: true, strictRequired: false, allowUnionTypes: true });
  addFormats.default(ajv);
  for (const name of ['components', 'responses', 'schemas']) ajv.addKeyword(name);
  ajv.addSchema({ components: { schemas: components.schemas } }, DOCUMENT);
  const absolute = (schema: object): object =>
    JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', `"$ref":"${DOCUMENT}#`)) as object;
  const schemas: object[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('$ref' in value) resolve(value.$ref, components);
    if ('schema' in value && typeof value.schema === 'object' && value.schema !== null) {
      schemas.push(absolute(value.schema));
    }
    Object.values(value).forEach(collect);
  };
  collect(paths);
  collect(components);
  const shared = Object.keys(components.schemas).map((name) => ({ $ref: `${DOCUMENT}#/components/schemas/${name}` }));
  return { ajv, absolute, schemas: [...schemas, ...shared] };
}

function resolve(reference: unknown, components: OpenApiDocument['components']): void {
  const [, , kind = '', name = ''] = String(reference).split('/');
  const target = (components as Readonly<Record<string, Readonly<Record<string, object>>>>)[kind]?.[name];
  if (target === undefined) throw new Error(`${String(reference)} leads nowhere`);
}

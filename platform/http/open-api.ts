import { z } from 'zod';
import type { ErrorCode } from '../../core/errors.ts';
import { digestField, nameField } from '../../core/fields.ts';
import { PROBLEM_TYPE, problemSchema } from '../../core/wire/problem.ts';
import { statusOfCode } from '../../core/wire/problem-status.ts';
import type { Content, DescribedRoute, Operation } from './api.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a path's parameter is, by its name. */
const parameterSchemas: Readonly<Record<string, z.ZodType>> = {
  tenant: nameField,
  name: nameField,
  digest: digestField,
  account: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
};

const codesOfAccess: Readonly<Record<Operation['access'], readonly ErrorCode[]>> = {
  open: [],
  signed: ['UNAUTHENTICATED', 'REPLAY', 'FORBIDDEN'],
  policy: ['UNAUTHENTICATED', 'REPLAY', 'FORBIDDEN'],
};

/** The OpenAPI 3.1 document of an API, its schemas made of those that its routes parse and answer with. */
export function openApiOf({
  title,
  description,
  routes,
}: {
  readonly title: string;
  readonly description: string;
  readonly routes: readonly DescribedRoute[];
}): Json {
  const schemas = createSchemas();
  const byPath = Map.groupBy(routes, ({ pattern }) => pattern.replaceAll(/:(\w+)/g, '{$1}'));
  const paths = [...byPath].map(([path, operations]) => [
    path,
    Object.fromEntries(operations.map((route) => [route.method, operationOf(route, schemas)])),
  ]);
  const problem = schemas.of(problemSchema);
  return {
    openapi: '3.1.1',
    info: { title, description, version: 'v1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: '/' }],
    paths: Object.fromEntries(paths) as Json,
    components: {
      schemas: { ...schemas.shared(), Problem: problem },
      responses: { Problem: { description: 'A refusal or a failure (RFC 9457)', content: problemContent } },
      securitySchemes: { signature: signatureScheme },
    },
  };
}

const problemContent = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };

const signatureScheme = {
  type: 'apiKey',
  in: 'header',
  name: 'Signature',
  description:
    'HTTP message signature of an account (ERC-8128 over RFC 9421), with Signature-Input and, for a body, Content-Digest; `dewproof call` makes it.',
};

function operationOf(route: DescribedRoute, schemas: Schemas): Json {
  const { method, pattern, summary, access, body } = route;
  const security = access === 'open' ? [] : access === 'signed' ? [{ signature: [] }] : [{ signature: [] }, {}];
  const parameters = [...pathParameters(route, schemas), ...queryParameters(route, schemas)];
  return {
    operationId: `${method}${pattern.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    security,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: contentOf(body, schemas) } }),
    responses: responsesOf(route, schemas),
  };
}

function pathParameters({ pattern, path = {} }: DescribedRoute, schemas: Schemas): readonly Json[] {
  return [...pattern.matchAll(/:(\w+)/g)].map(([, parameter = '']) => {
    const schema = path[parameter] ?? parameterSchemas[parameter];
    if (schema === undefined) throw new TypeError(`${pattern}: say with \`path\` what ${parameter} is.`);
    return { name: parameter, in: 'path', required: true, schema: schemas.of(schema) };
  });
}

function queryParameters({ query }: DescribedRoute, schemas: Schemas): readonly Json[] {
  return Object.entries(query?.shape ?? {}).map(([parameter, schema]) => ({
    name: parameter,
    in: 'query',
    required: !(schema as z.ZodType).safeParse(undefined).success,
    schema: schemas.of(schema as z.ZodType),
  }));
}

function responsesOf(
  { answer, status, tagged, access, codes = [], body, query, pattern }: DescribedRoute,
  schemas: Schemas,
): Json {
  const sent = body === undefined ? [] : (['ENDLESS_DATA', 'SLOW_RETRIEVAL'] as const);
  const parsed = body !== undefined || query !== undefined || pattern.includes(':') ? (['SCHEMA'] as const) : [];
  const refusals = new Set<ErrorCode>([...codesOfAccess[access], ...parsed, ...sent, ...codes]);
  const byStatus = Map.groupBy(refusals, (code) => statusOfCode[code]);
  const refused = [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(([refusal, of]) => [refusal, { description: of.join(', '), content: problemContent }]);
  return {
    ...(answer === undefined
      ? { [status ?? 204]: { description: 'Done' } }
      : { [status ?? 200]: { description: answer.description ?? 'As asked', content: contentOf(answer, schemas) } }),
    ...(tagged === true && { 304: { description: 'The caller has it already' } }),
    ...(Object.fromEntries(refused) as Json),
    default: { $ref: '#/components/responses/Problem' },
  };
}

function contentOf(content: Content, schemas: Schemas): Json {
  const schema = 'schema' in content ? { schema: schemas.of(content.schema) } : {};
  return { [content.type ?? 'application/json']: schema };
}

/** The JSON Schemas of a document, and the parts that they share. */
interface Schemas {
  of(schema: z.ZodType): Json;
  shared(): Json;
}

/**
 * Makes JSON Schemas of what is on the wire. Parts that stand in several places become components: spelled out each
 * time, the rules of a document alone make half a megabyte.
 */
function createSchemas(): Schemas {
  const made = new Map<z.ZodType, Json>();
  const shared: Record<string, unknown> = {};
  const make = (schema: z.ZodType): Json => {
    const options = { io: 'input', target: 'draft-2020-12', unrepresentable: 'any', reused: 'ref' } as const;
    const whole = Object.fromEntries(
      Object.entries(z.toJSONSchema(schema, options)).filter(([key]) => key !== '$schema'),
    );
    const prefix = `Part${made.size + 1}`;
    const { $defs = {}, ...own } = pointToComponents(whole, prefix) as { readonly $defs?: Json };
    for (const [name, part] of Object.entries($defs)) shared[nameOf(prefix, name)] = part;
    return own;
  };
  return {
    of: (schema) => {
      const known = made.get(schema) ?? make(schema);
      made.set(schema, known);
      return known;
    },
    shared: () => shared,
  };
}

function pointToComponents(value: unknown, prefix: string): unknown {
  if (Array.isArray(value)) return value.map((item) => pointToComponents(item, prefix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => {
      const name = key === '$ref' && typeof field === 'string' ? /^#\/\$defs\/(.+)$/.exec(field)?.[1] : undefined;
      if (name === undefined) return [key, pointToComponents(field, prefix)];
      return [key, `#/components/schemas/${nameOf(prefix, name)}`];
    }),
  );
}

function nameOf(prefix: string, name: string): string {
  return `${prefix}.${name.replaceAll(/[^A-Za-z0-9.-]/g, '')}`;
}

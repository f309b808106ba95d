import { z } from 'zod';
import { actionSchema } from './action-schema.ts';
import { links } from './addresses.ts';
import { duration, isUnique, labels, listOf, name, salt, setOf, version } from './fields.ts';
import { inputSchema } from './input-schema.ts';
import { MAX_ENTRIES } from './limits.ts';
import { refineRules } from './refine-rules.ts';
import { rulesSchema } from './rules-schema.ts';
import { runtimeSchema } from './runtime-schema.ts';
import { isUri } from './uris.ts';
import { sourcesOf, viewSchema } from './view-schema.ts';

const store = z
  .strictObject({
    /** How long values are kept. */
    retention: duration({ from: '1s', to: '3660d' }).default('24h'),
    maxEntries: z.int().min(1).max(10_000_000).default(100_000),
    offload: z
      .strictObject({
        to: z.enum(['dew', 'fog', 'cloud']),
        every: duration({ from: '1s', to: '7d' }),
        whenFull: z.enum(['drop-oldest', 'refuse']).default('drop-oldest'),
      })
      .optional(),
  })
  .prefault({});

const replicas = z
  .strictObject({
    max: z.int().min(1).max(MAX_ENTRIES).default(1),
    wakeAt: z.strictObject({ inFlight: z.int().min(1).max(100_000) }).optional(),
  })
  .prefault({});

const requirement = z.strictObject({ resource: name, condition: z.enum(['running', 'healthy']).default('running') });

const placement = z.strictObject({ labels: labels.default({}), spread: z.boolean().default(false) }).prefault({});

const restart = z
  .strictObject({
    policy: z.enum(['always', 'on-failure', 'never']).default('on-failure'),
    maxPerHour: z.int().min(0).max(3600).default(5),
  })
  .prefault({});

const health = z
  .strictObject({
    interval: duration({ from: '100ms', to: '1d' }).default('10s'),
    timeout: duration({ from: '10ms', to: '1h' }).default('2s'),
    retries: z.int().min(1).max(100).default(3),
    startPeriod: duration({ from: '10ms', to: '1h' }).default('5s'),
  })
  .prefault({});

const outbound = z
  .string()
  .max(512)
  .refine(
    (text) => isUri(text, ['http', 'https', 'coap', 'coaps']),
    'expected an http: or coap: URI in its normal form',
  );

const unique = (list: readonly unknown[]) => isUnique(list);

const body = {
  group: name,
  runtime: runtimeSchema,
  store,
  inputs: listOf(inputSchema),
  views: listOf(viewSchema),
  actions: listOf(actionSchema),
  rules: rulesSchema,
  network: setOf(links).default([]),
  replicas,
  requires: listOf(requirement),
  placement,
  exclusive: z.boolean().default(false),
  onDisconnect: z.enum(['continue', 'stop']).default('continue'),
  restart,
  secrets: listOf(name).refine(unique, 'expected each only once'),
  outbound: listOf(outbound).refine(unique, 'expected each only once'),
  health,
};

const shell = {
  apiVersion: z.literal('dewproof/v1', 'expected dewproof/v1'),
  kind: z.literal('VirtualResource'),
  metadata: z.strictObject({ tenant: name, name, labels: labels.default({}) }),
};

type Body = z.output<z.ZodObject<typeof body>>;

/** A resource's whole document. */
export const virtualResourceSchema = z
  .strictObject({ ...shell, spec: z.strictObject({ version, salt, ...body }).superRefine(refineParts) })
  .superRefine(refineRequirements);

/** The same as a person may write it: `planVersion` adds version and salt. */
export const virtualResourceDraftSchema = z
  .strictObject({
    ...shell,
    spec: z.strictObject({ version: version.optional(), salt: salt.optional(), ...body }).superRefine(refineParts),
  })
  .superRefine(refineRequirements);

function refineReferences(spec: Body, context: z.RefinementCtx): void {
  // Inputs and actions share the table of bindings, hence one space of ids.
  refineUnique(spec, ['inputs', 'actions'], context);
  refineUnique(spec, ['views'], context);
  const types = new Map([...spec.inputs, ...spec.actions].map(({ id, payload }) => [id, payload.type]));
  for (const [index, view] of spec.views.entries()) {
    if ('computed' in view) {
      const path = ['views', index, 'computed'];
      if (spec.runtime.kind !== 'script') issue(context, path, 'expected a computed view only with runtime script');
      continue;
    }
    for (const [place, source] of sourcesOf(view).entries()) {
      const path = ['views', index, ...('join' in view ? ['join', place] : ['input'])];
      const type = types.get(source);
      if (type === undefined) issue(context, path, 'expected the id of an input or an action');
      else if ('window' in view && type !== 'number') issue(context, path, 'expected numbers');
    }
  }
}

function refineParts(spec: Body, context: z.RefinementCtx): void {
  refineReferences(spec, context);
  refineRules(spec, (path, message) => {
    issue(context, [...path], message);
  });
}

function refineUnique(spec: Body, lists: readonly ('inputs' | 'actions' | 'views')[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const list of lists) {
    for (const [index, { id }] of spec[list].entries()) {
      if (seen.has(id)) issue(context, [list, index, 'id'], 'expected an id that is not taken');
      seen.add(id);
    }
  }
}

function refineRequirements(
  document: { metadata: { name: string }; spec: Pick<Body, 'requires'> },
  context: z.RefinementCtx,
): void {
  const seen = new Set([document.metadata.name]);
  for (const [index, { resource }] of document.spec.requires.entries()) {
    const path = ['spec', 'requires', index, 'resource'];
    if (seen.has(resource)) issue(context, path, 'expected another resource, and each only once');
    seen.add(resource);
  }
}

function issue(context: z.RefinementCtx, path: (string | number)[], message: string): void {
  context.addIssue({ code: 'custom', path, message });
}

import type { Input, View, VirtualResource } from '../../core/document/schema.ts';
import type { Action } from '../../core/policy.ts';
import { schemaOfEvent, schemaOfPayload, schemaOfView, type DataSchema } from './data-schemas.ts';
import { securityDefinitions, securityFor, wotContext, type WotAccess } from './security.ts';

/** The media type of a Thing Description. */
export const TD_TYPE = 'application/td+json';

const problem = { contentType: 'application/problem+json', success: false } as const;

const pageVariables: Readonly<Record<string, DataSchema>> = {
  from: { type: 'string', format: 'date-time', description: 'included' },
  to: { type: 'string', format: 'date-time', description: 'excluded' },
  limit: { type: 'integer', minimum: 1, maximum: 1000 },
  next: { type: 'string', description: 'as the page before said' },
};

/** What is described, for whom; `origin` is `http://host:port` as the caller knows the edge. */
export interface DescribeRequest {
  readonly resource: VirtualResource;
  readonly id: string;
  readonly origin: string;
  readonly access: WotAccess;
}

/**
 * The Thing Description (W3C WoT TD 1.1) of a resource, for a caller who may read it: views are properties and events,
 * actions are actions, and so is pushing to an input. What the caller may not do is left out.
 */
export function describeResource({ resource, id, origin, access }: DescribeRequest): object {
  const { metadata, spec } = resource;
  const base = `${origin}/v1/resources/${metadata.tenant}/${metadata.name}`;
  const followed = spec.views.filter((view) => !('computed' in view));
  const invoked = access.mayCaller('invoke') ? spec.actions : [];
  const pushed = access.mayCaller('write') ? spec.inputs.filter((input) => 'push' in input) : [];
  const needed: Action[] = ['read', ...(invoked.length > 0 ? (['invoke'] as const) : [])];
  if (pushed.length > 0) needed.push('write');
  const security = (action: Action) => [securityFor(action, access)];
  return {
    '@context': wotContext,
    '@type': 'Thing',
    id,
    title: `${metadata.tenant}/${metadata.name}`,
    version: { instance: String(spec.version) },
    securityDefinitions: securityDefinitions(needed.flatMap(security)),
    security: security('read'),
    properties: Object.fromEntries(spec.views.map((view) => [view.id, propertyOf(view, { resource, base })])),
    actions: {
      ...Object.fromEntries(
        invoked.map(({ id: action, payload }) => [
          action,
          {
            title: `Do ${action}`,
            input: { type: 'object', properties: { value: schemaOfPayload(payload) }, required: ['value'] },
            safe: false,
            forms: [
              postTo(`${base}/actions/${action}`, { contentType: 'application/json', security: security('invoke') }),
            ],
          },
        ]),
      ),
      ...Object.fromEntries(pushed.map((input) => [input.id, pushOf(input, { base, security: security('write') })])),
    },
    events: Object.fromEntries(followed.map((view) => [view.id, eventOf(view, { resource, base })])),
    links: [{ rel: 'collection', href: `${origin}/.well-known/wot`, type: TD_TYPE }],
  };
}

interface Place {
  readonly resource: VirtualResource;
  readonly base: string;
}

function propertyOf(view: View, { resource, base }: Place): object {
  const isPaged = 'range' in view || 'window' in view;
  const href = `${base}/views/${view.id}${isPaged ? '{?from,to,limit,next}' : ''}`;
  const form = { op: 'readproperty', href, additionalResponses: [problem] };
  const types = 'computed' in view ? ['application/json'] : ['application/json', 'text/csv'];
  return {
    title: `Read ${view.id}`,
    ...schemaOfView(view, resource),
    readOnly: true,
    observable: false,
    ...(isPaged && { uriVariables: pageVariables }),
    forms: types.map((contentType) => ({ ...form, contentType })),
  };
}

/** Each event's data is JSON, carried by server-sent events. */
function eventOf(view: View, { resource, base }: Place): object {
  const href = `${base}/views/${view.id}/events`;
  const op = ['subscribeevent', 'unsubscribeevent'];
  return {
    title: `Follow ${view.id}`,
    data: schemaOfEvent(view, resource),
    forms: [{ op, href, subprotocol: 'sse', contentType: 'application/json', additionalResponses: [problem] }],
  };
}

function pushOf(input: Input, { base, security }: { base: string; security: readonly string[] }): object {
  const { format, pointer } = input.payload;
  const contentType = {
    number: 'text/plain',
    text: 'text/plain',
    json: 'application/json',
    cbor: 'application/cbor',
    binary: 'application/octet-stream',
  };
  return {
    title: `Push to ${input.id}`,
    input: wrap(schemaOfPayload(input.payload), pointer),
    safe: false,
    forms: [postTo(`${base}/inputs/${input.id}`, { contentType: contentType[format], security })],
  };
}

/** A message in which a value stands where a JSON pointer (RFC 6901) says; through lists no schema is told. */
function wrap(schema: DataSchema, pointer = ''): DataSchema {
  const keys = pointer.split('/').slice(1);
  if (keys.some((key) => /^(?:0|[1-9][0-9]*)$/.test(key))) return { description: `the value stands at ${pointer}` };
  return keys.reduceRight<DataSchema>((inner, key) => {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    return { type: 'object', properties: { [name]: inner }, required: [name] };
  }, schema);
}

function postTo(href: string, { contentType, security }: { contentType: string; security: readonly string[] }): object {
  return { op: 'invokeaction', href, 'htv:methodName': 'POST', contentType, security, additionalResponses: [problem] };
}

import { z } from 'zod';
import { healthySchema, readySchema } from '../../core/wire/health.ts';
import type { Operation } from '../../platform/http/api.ts';
import { metricsOperation } from '../../platform/metrics/metrics-routes.ts';
import { viewQuerySchema } from '../hosts/view-query.ts';
import { resourcesAnswer, viewAnswer } from './answers.ts';
import { commandSchema } from './command-routes.ts';

const id = z.string().describe('Its id in the document of the resource');
const forHosts = [
  'LEDGER_UNAVAILABLE',
  'NOT_FOUND',
  'REVOKED',
  'NOT_APPROVED',
  'NOT_ENROLLED',
  'SUSPENDED',
  'WRONG_GROUP',
  'UNHEALTHY',
] as const;

/** What each of an edge's routes does. */
export const operations = {
  healthy: { summary: 'Whether the process works', access: 'open', answer: { schema: healthySchema } },
  ready: {
    summary: 'Whether it has verified state',
    access: 'open',
    answer: { schema: readySchema },
    codes: ['LEDGER_UNAVAILABLE'],
  },
  metrics: { ...metricsOperation, codes: ['LEDGER_UNAVAILABLE'] },
  bundle: {
    summary: 'The newest proof bundle that this edge believes, for other edges of its group',
    access: 'open',
    answer: { type: 'application/cbor', description: 'A proof bundle (docs/bundles.md)' },
    tagged: true,
    codes: ['LEDGER_UNAVAILABLE'],
  },
  resources: {
    summary: 'What runs here and the caller may read',
    access: 'policy',
    answer: { schema: resourcesAnswer },
    codes: ['LEDGER_UNAVAILABLE'],
  },
  view: {
    summary: 'A view of a resource',
    access: 'policy',
    path: { view: id },
    query: viewQuerySchema,
    answer: { schema: viewAnswer, description: 'The view as JSON; one that is not computed comes as text/csv too' },
    codes: [...forHosts, 'NOT_ACCEPTABLE', 'SCRIPT_ERROR', 'TIMEOUT'],
  },
  events: {
    summary: 'A view as it changes, as server-sent events; goes on from Last-Event-ID',
    access: 'policy',
    path: { view: id },
    answer: { type: 'text/event-stream', description: 'An event for each change' },
    codes: [...forHosts, 'NOT_ACCEPTABLE', 'TOO_MANY'],
  },
  thing: {
    summary: 'The W3C Thing Description of a resource',
    access: 'policy',
    answer: { type: 'application/td+json', description: 'A Thing Description 1.1' },
    codes: [...forHosts, 'NOT_ACCEPTABLE'],
  },
  device: {
    summary: 'What the caller may read here, as a Thing Description with links',
    access: 'policy',
    answer: { type: 'application/td+json', description: 'A Thing Description 1.1' },
    codes: ['LEDGER_UNAVAILABLE', 'NOT_ACCEPTABLE'],
  },
  act: {
    summary: 'Does an action of a resource; answers once the other end has it',
    access: 'policy',
    path: { action: id },
    body: { schema: commandSchema },
    codes: [...forHosts, 'BROKER_UNAVAILABLE', 'ACTUATOR_FAILED', 'UNSUPPORTED', 'TIMEOUT'],
  },
  push: {
    summary: 'Takes a reading for an input; it is kept when answered',
    access: 'policy',
    path: { input: id },
    body: { type: 'application/octet-stream', description: "A message in the input's own format" },
    codes: [...forHosts, 'TIMEOUT', 'DISK_FULL'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

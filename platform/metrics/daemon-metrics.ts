import type { RequestHandler, Response } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../../core/errors.ts';
import { readVersion } from '../version.ts';

/** What every daemon counts, in a registry of their own; names after Prometheus's rules, in base units. */
export interface DaemonMetrics {
  readonly registry: Registry;
  /** Counts a refusal of the daemon itself (`device`, `ledger`) or of a call (`http`). */
  refused(refusal: { readonly by: RefusedBy; readonly code: ErrorCode }): void;
  /** Express middleware that times calls; it goes before all routes. */
  readonly timeCalls: RequestHandler;
}

/** Who refused: what the device was offered, or what a caller asked. */
export type RefusedBy = 'daemon' | 'http';

// Gauges of prom-client's that end as counters do (promtool's lint); the same without `_total` stay, by type.
const misnamed = ['resources', 'handles', 'requests'].map((what) => `nodejs_active_${what}_total`);
const knownMethods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'];

/** Makes the metrics of one daemon. No label's value is chosen by a caller, so that callers can't grow them. */
export function createDaemonMetrics({ daemon }: { readonly daemon: 'edge' | 'dew' | 'witness' }): DaemonMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  new Gauge({
    name: 'dewproof_build_info',
    help: 'Always 1; which release runs on which Node.',
    labelNames: ['version', 'node', 'daemon'],
    registers,
  }).set({ version: readVersion(), node: process.versions.node, daemon }, 1);
  const refusals = new Counter({
    name: 'dewproof_refusals_total',
    help: 'Refusals by their stable code: what the daemon was offered (daemon) and what callers asked (http).',
    labelNames: ['code', 'by'],
    registers,
  });
  const calls = new Histogram({
    name: 'dewproof_http_request_duration_seconds',
    help: 'HTTP calls from the first byte of the request to the last of the answer, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const refused: DaemonMetrics['refused'] = ({ by, code }) => {
    refusals.inc({ by, code });
  };
  return {
    registry,
    refused,
    timeCalls: (request, response, next) => {
      const begunMs = performance.now();
      response.once('close', () => {
        const method = knownMethods.includes(request.method) ? request.method : 'other';
        const labels = { method, route: routeOf(request.route), status: response.statusCode };
        calls.observe(labels, (performance.now() - begunMs) / 1000);
        const code = refusalOf(response);
        if (code !== undefined) refused({ by: 'http', code });
      });
      next();
    },
  };
}

/** The pattern that a call matched, never its path: that is the caller's to choose. */
function routeOf(route: unknown): string {
  const pattern = typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined;
  return typeof pattern === 'string' ? pattern : 'none';
}

function refusalOf(response: Response): ErrorCode | undefined {
  return response.locals['refusal'] as ErrorCode | undefined;
}

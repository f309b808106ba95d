import { Router, type RequestHandler } from 'express';
import type { Registry } from 'prom-client';
import type { Operation } from '../http/api.ts';
import { createApp } from '../http/create-app.ts';
import { listen, type Listening } from '../http/listen.ts';
import type { Log } from '../log.ts';

/** `GET /metrics` of a daemon's own port, for whom it lets read it. */
export const metricsOperation: Operation = {
  summary: "The daemon's metrics, for signed callers whom a policy lets manage any resource",
  access: 'signed',
  answer: { type: 'text/plain', description: "Prometheus's text format 0.0.4" },
};

/** Answers the metrics in Prometheus's text format. */
export function answerMetrics({ registry }: { readonly registry: Registry }): RequestHandler {
  return async (_request, response) => {
    const text = await registry.metrics();
    response.set({ 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }).send(text);
  };
}

/** Where metrics are served unsigned, to whoever reaches that port; 0 is any free one. */
export interface MetricsListener {
  readonly host: string;
  readonly port: number;
}

/** Serves `/metrics` and nothing else, unsigned: Prometheus can't sign. @throws PORT_IN_USE, CONFIG */
export async function listenForMetrics(
  { host, port }: MetricsListener,
  { registry, log }: { readonly registry: Registry; readonly log: Log },
): Promise<Listening> {
  const routes = Router({ strict: true, caseSensitive: true });
  routes.get('/metrics', answerMetrics({ registry }));
  return listen(createApp({ routes, log }), { host, port, maxConnections: 16 });
}

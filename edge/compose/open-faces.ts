import { createApp } from '../../platform/http/create-app.ts';
import { inFront } from '../../platform/http/in-front.ts';
import { listen } from '../../platform/http/listen.ts';
import { listenForMetrics } from '../../platform/metrics/metrics-routes.ts';
import type { Agent } from '../agent.ts';
import type { Opened } from '../close-all.ts';
import type { EdgeOptions } from '../edge-options.ts';
import { edgeRoutes } from '../http/edge-routes.ts';
import { bundleRoute } from '../state/bundle-route.ts';
import type { Ground } from './open-ground.ts';
import type { Mind } from './open-mind.ts';

type FacesOptions = EdgeOptions & Ground & Mind & { readonly agent: Agent };

/** Serves views and services to callers, and metrics where that was asked for; answers the URLs. @throws PORT_IN_USE */
export async function openFaces(
  options: FacesOptions,
  opened: Opened,
): Promise<{ readonly url: string; readonly metricsUrl?: string }> {
  const { config, log, metrics, keeper } = options;
  const closing = new AbortController();
  const routes = routesOf(options, closing.signal);
  const app = createApp({ routes, log, timeCalls: metrics.timeCalls });
  const server = await listen(inFront(bundleRoute(keeper.newest), app), config);
  opened.push(() => server.close());
  opened.push(() => {
    closing.abort();
    return Promise.resolve();
  });
  const { registry } = metrics;
  const metricsServer = config.metrics && (await listenForMetrics(config.metrics, { registry, log }));
  if (metricsServer === undefined) return { url: server.url };
  opened.push(() => metricsServer.close());
  return { url: server.url, metricsUrl: `${metricsServer.url}/metrics` };
}

function routesOf(options: FacesOptions, closing: AbortSignal) {
  const { config, keeper, agent } = options;
  return edgeRoutes({
    ...options,
    authorities: config.authorities ?? [],
    state: () => keeper.newest()?.state,
    newest: keeper.newest,
    aging: keeper.aging,
    agentState: () => agent.state(),
    units: agent.units,
    closing,
  });
}

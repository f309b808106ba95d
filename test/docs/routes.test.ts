import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { dewRoutes, type DewRoutesDeps } from '../../dew/http/dew-routes.ts';
import { edgeRoutes, type EdgeRoutesDeps } from '../../edge/http/edge-routes.ts';

const page = readFileSync('docs/architecture.md', 'utf8');
// Nothing of a daemon is asked where only its routes are.
const bare = {
  verifyCall: () => Promise.resolve(undefined),
  authorities: [],
  metrics: { registry: new Registry() },
  clock: Date.now,
};
const routers = {
  dew: dewRoutes(bare as unknown as DewRoutesDeps),
  edge: edgeRoutes(bare as unknown as EdgeRoutesDeps),
};

test.each(Object.entries(routers))('the table of routes names every route of the %s, and no other', (who, router) => {
  const routes = router.stack.flatMap(({ route }) => {
    if (route === undefined) return [];
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    return [...new Set(route.stack.map(({ method }) => `${method.toUpperCase()} ${path}`))];
  });
  const rows = [...page.matchAll(/^\| (\w+) +\| (`(?:GET|PUT|POST|DELETE) .*?) +\|/gm)];
  const shown = rows
    .filter(([, of]) => of === who || of === 'both')
    .flatMap(([, , cell = '']) => [...cell.matchAll(/`([A-Z]+ \/[^`]+)`/g)].map(([, route]) => route));
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.toSorted()).toEqual(routes.toSorted());
});

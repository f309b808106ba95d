import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createDewMetrics } from '../../dew/metrics/dew-metrics.ts';
import { createEdgeMetrics } from '../../edge/metrics/edge-metrics.ts';
import { errorCodes } from '../../core/errors.ts';
import { createWitnessMetrics } from '../../witness/metrics/witness-metrics.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const standing = () => {
  throw new TypeError('nothing is read here');
};
const daemons = [createEdgeMetrics({ elapsedMs: () => 0 }), createDewMetrics(), createWitnessMetrics({ standing })];
const registries = daemons.map(({ registry }) => registry);
const metrics = new Set(registries.flatMap((registry) => registry.getMetricsAsArray().map(({ name }) => name)));
const own = [...metrics].filter((name) => name.startsWith('dewproof_'));

test('the table names every metric, and no other', () => {
  const rows = [...page.matchAll(/^\| `(dewproof_\w+)/gm)].map(([, name]) => name);
  expect(rows.toSorted()).toEqual(own.toSorted());
});

test('alerts ask for metrics and codes that there are', () => {
  const [, rules = ''] = /```yaml\n(groups:[^]*?)```/.exec(page) ?? [];
  const { groups } = parse(rules) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const expressions = groups.flatMap((group) => group.rules.map(({ expr }) => expr));
  expect(expressions.length).toBeGreaterThan(5);
  for (const expression of expressions) {
    for (const [name] of expression.matchAll(/dewproof_\w+/g)) expect(own).toContain(name);
    for (const [code] of expression.matchAll(/\b[A-Z]+_[A-Z_]+\b/g)) expect(errorCodes).toContain(code);
  }
});

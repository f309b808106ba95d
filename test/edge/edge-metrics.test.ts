import { expect, test } from 'vitest';
import type { Host } from '../../edge/hosts/host.ts';
import { createEdgeMetrics } from '../../edge/metrics/edge-metrics.ts';
import { createSlot, createUnit, type Unit } from '../../edge/unit.ts';
import { parseMetrics } from '../faces/parse-metrics.ts';
import { resourceOf, TENANT } from './support/site.ts';

const ZERO_HASH = `0x${'0'.repeat(64)}` as const;
const ZERO = `sha256:${'0'.repeat(64)}` as const;

/** A device that knows and does nothing. */
const still = {
  units: () => new Map<never, never>(),
  head: () => undefined,
  vouchedAt: () => undefined,
  clock: () => 0,
  isSplit: () => false,
};

function unitWith(dropped: () => Readonly<Record<string, number>>): Unit {
  const unit = createUnit({ resource: resourceOf('climate'), tenant: TENANT, name: 'climate' });
  const host = { counts: () => ({ readings: 0, dropped: dropped() }) } as unknown as Host;
  unit.current = { ...createSlot({ version: 1n, digest: ZERO, profile: undefined }), host };
  return unit;
}

async function droppedOf(
  units: readonly Unit[],
  metrics = createEdgeMetrics({ elapsedMs: () => 0 }),
): Promise<Readonly<Record<string, number>>> {
  const all = new Map(units.map((unit, index) => [resourceOf(`climate-${index}`), unit]));
  metrics.watch({ ...still, units: () => all });
  const family = parseMetrics(await metrics.registry.metrics()).get('dewproof_messages_dropped_total');
  return Object.fromEntries(
    (family?.samples ?? []).map(({ labels, value }) => [labels['reason'] ?? '', value] as const),
  );
}

test('dropped messages are counted on over versions that each count from 0', async () => {
  const metrics = createEdgeMetrics({ elapsedMs: () => 0 });
  let dropped = { SCHEMA: 3 };
  const first = unitWith(() => dropped);
  expect(await droppedOf([first], metrics)).toEqual({ SCHEMA: 3 });
  dropped = { SCHEMA: 5 };
  expect(await droppedOf([first], metrics)).toEqual({ SCHEMA: 5 });
  expect(await droppedOf([unitWith(() => ({ SCHEMA: 1 }))], metrics)).toEqual({ SCHEMA: 6 });
});

test('reasons that a resource makes up add few labels', async () => {
  const made = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`reason-${'x'.repeat(index % 200)}-${index}`, 1]),
  );
  const letters = Object.fromEntries(Array.from({ length: 500 }, (_, index) => ['y'.repeat(index + 1), 1]));
  const counted = await droppedOf([unitWith(() => ({ ...made, ...letters }))]);
  expect(Object.keys(counted).length).toBeLessThanOrEqual(33);
  expect(Object.values(counted).reduce<number>((a, b) => a + b, 0)).toBe(1000);
});

test.each([
  ['a quorum’s word for it, where there is one', 70n, 30],
  ['its block, where a node is believed', undefined, 80],
])('the proof is as old as %s', async (_, vouchedAt, age) => {
  const metrics = createEdgeMetrics({ elapsedMs: () => 0 });
  const head = () => ({ height: 1n, hash: ZERO_HASH, time: 20n });
  metrics.watch({ ...still, head, vouchedAt: () => vouchedAt, clock: () => 100_000 });
  const family = parseMetrics(await metrics.registry.metrics()).get('dewproof_proof_age_seconds');
  expect(family?.samples[0]?.value).toBe(age);
});

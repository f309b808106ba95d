import { expect, test } from 'vitest';
import { resource as parsed } from '../../core/support/samples.ts';
import { readFacts } from '../../../edge/behaviours/rules/read-facts.ts';
import { startTestHost } from '../support/resource-host.ts';
import { createTestReach } from '../support/test-reach.ts';

// Midnight in Auckland, 13 hours ahead in January.
const MIDNIGHT_MS = Date.UTC(2026, 0, 10, 11, 0);
const MINUTE_MS = 60_000;

test.each([
  ['of a fixed length', undefined, Date.UTC(2026, 0, 10)],
  ['that follow a clock', 'Pacific/Auckland', MIDNIGHT_MS],
])('the window that is now, of windows %s, has nothing of the one before', async (_, timezone, beginsMs) => {
  const view = { id: 'daily', input: 'temperature', window: '1d', aggregate: ['max'], timezone };
  const fact = { view: 'daily', field: 'max' };
  const spec = {
    inputs: [{ id: 'temperature', push: true }],
    views: [JSON.parse(JSON.stringify(view)) as object],
    rules: [
      {
        id: 'hot',
        when: { fact, operator: 'greaterThan', value: 30 },
        do: [],
        set: [{ key: 'hot', value: true }],
      },
    ],
  };
  const { host, time } = await startTestHost({ spec, startMs: beginsMs - 10 * MINUTE_MS });
  const resource = parsed(spec);
  const reach = { ...createTestReach(), view: host.answerView.bind(host) };
  const readMax = async () =>
    (await readFacts(resource.spec.rules, { reach, resource, clock: () => time.nowMs }))(fact);
  await host.push('temperature', Buffer.from('35'));
  expect(await readMax()).toBe(35);
  time.nowMs = beginsMs + 10 * MINUTE_MS;
  expect(await readMax()).toBeUndefined();
  await host.push('temperature', Buffer.from('12'));
  expect(await readMax()).toBe(12);
});

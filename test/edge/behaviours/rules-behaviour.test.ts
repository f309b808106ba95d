import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import { verifyConfiguration } from '../../../core/verify.ts';
import { createRulesBehaviour, MAX_FIRINGS_A_MINUTE } from '../../../edge/behaviours/rules/rules-behaviour.ts';
import type { Json } from '../../../edge/reach/reach.ts';
import { rawResource } from '../../core/support/samples.ts';
import { questionAt } from '../../core/support/site.ts';
import { createTestReach } from '../support/test-reach.ts';

const START_MS = Date.UTC(2026, 5, 1, 4, 0);
const inputs = [
  { id: 'moisture', mqtt: { topic: 'm' } },
  { id: 'level', mqtt: { topic: 'l' } },
];
const actions = [
  { id: 'valve', mqtt: { topic: 'v' }, payload: { format: 'json', type: 'boolean' } },
  { id: 'speed', mqtt: { topic: 's' } },
];
const dry = { fact: 'moisture', operator: 'lessThan', value: 30 };
const water = { id: 'water', when: dry, do: [{ action: 'valve', value: true }] };

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

async function setUp(rules: readonly object[], stored = new Map<string, Json>()) {
  const reach = createTestReach(stored);
  const document = rawResource({ inputs, actions, views: [], rules });
  const configuration = verifyConfiguration(questionAt({ document }));
  const { signal } = new AbortController();
  const start = createRulesBehaviour({ clock: Date.now, elapsedMs: () => performance.now() });
  const behaviour = await start({ configuration, artifacts: new Map(), reach, signal, onFailure: () => undefined });
  onTestFinished(() => behaviour.stop());
  const read = async (input: string, value: number) => {
    const reading = { timeMs: Date.now(), value };
    reach.readings.set(input, reading);
    behaviour.deliver({ input, ...reading });
    await vi.advanceTimersByTimeAsync(200);
  };
  return { reach, behaviour, read };
}

describe('rules', () => {
  test('act once each time that they begin to hold, and never while they stand by', async () => {
    const { reach, behaviour, read } = await setUp([water]);
    await read('moisture', 20);
    expect(reach.acted).toEqual([]);
    await behaviour.takeOver();
    await vi.advanceTimersByTimeAsync(200);
    expect(reach.acted).toEqual(['valve true']);
    await read('moisture', 10);
    await read('moisture', 40);
    await read('moisture', 20);
    expect(reach.acted).toEqual(['valve true', 'valve true']);
    await behaviour.stop();
    await read('moisture', 40);
    await read('moisture', 20);
    expect(reach.acted).toHaveLength(2);
  });

  test('wait as long as they say, also where nothing comes in', async () => {
    const { reach, behaviour, read } = await setUp([{ ...water, for: '5m' }]);
    await behaviour.takeOver();
    await read('moisture', 20);
    await vi.advanceTimersByTimeAsync(299_000);
    expect(reach.acted).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reach.acted).toEqual(['valve true']);
  });

  test('notice that a sensor is silent, and what time it is', async () => {
    const { reach, behaviour, read } = await setUp([
      {
        id: 'silent',
        when: { fact: { age: 'moisture' }, operator: 'greaterThan', value: 60 },
        do: [{ action: 'valve', value: false }],
      },
      {
        id: 'morning',
        when: { fact: { timeOfDay: 'Europe/Berlin' }, operator: 'greaterThanInclusive', value: '06:02' },
        do: [{ action: 'speed', value: 3 }],
      },
    ]);
    await behaviour.takeOver();
    await read('moisture', 20);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(reach.acted).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(reach.acted).toEqual(['valve false']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reach.acted).toEqual(['valve false', 'speed 3']);
  });

  test('write the store, and take values from facts', async () => {
    const { reach, behaviour, read } = await setUp([
      {
        id: 'copy',
        when: dry,
        do: [{ action: 'speed', value: { fact: 'level' } }],
        set: [{ key: 'driest', value: { fact: 'moisture' } }],
      },
    ]);
    await behaviour.takeOver();
    await read('level', 7);
    await read('moisture', 12);
    expect(reach.acted).toEqual(['speed 7']);
    expect(reach.stored.get('driest')).toBe(12);
  });

  test('that fired do not fire again after a restart, unless they ended meanwhile or say something else', async () => {
    const first = await setUp([water]);
    await first.behaviour.takeOver();
    await first.read('moisture', 20);
    await first.behaviour.stop();
    expect(first.reach.acted).toHaveLength(1);

    const again = await setUp([water], first.reach.stored);
    await again.behaviour.takeOver();
    await again.read('moisture', 19);
    expect(again.reach.acted).toEqual([]);
    await again.read('moisture', 40);
    await again.read('moisture', 19);
    expect(again.reach.acted).toEqual(['valve true']);
    await again.behaviour.stop();

    const changed = await setUp([{ ...water, when: { ...dry, value: 25 } }], first.reach.stored);
    await changed.behaviour.takeOver();
    await changed.read('moisture', 19);
    expect(changed.reach.acted).toEqual(['valve true']);
    expect([...changed.reach.stored.keys()].filter((key) => key.startsWith('rule/'))).toHaveLength(1);
  });

  test('whose actuator fails are counted and told, not tried again', async () => {
    const { reach, behaviour, read } = await setUp([water]);
    reach.failActions = new DewproofError('BROKER_UNAVAILABLE', 'away');
    await behaviour.takeOver();
    await read('moisture', 20);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reach.acted).toHaveLength(1);
    expect(behaviour.dropped()).toEqual({ BROKER_UNAVAILABLE: 1 });
    expect(reach.logged).toContain('Rule water: BROKER_UNAVAILABLE: away');
  });

  test('that trigger each other are cut', async () => {
    const { reach, behaviour } = await setUp([
      {
        id: 'on',
        when: { fact: { stored: 'on' }, operator: 'notEqual', value: true },
        do: [{ action: 'valve', value: true }],
        set: [{ key: 'on', value: true }],
      },
      {
        id: 'off',
        when: { fact: { stored: 'on' }, operator: 'equal', value: true },
        do: [{ action: 'valve', value: false }],
        set: [{ key: 'on', value: false }],
      },
    ]);
    reach.stored.set('on', false);
    await behaviour.takeOver();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(reach.acted).toHaveLength(MAX_FIRINGS_A_MINUTE);
    expect(behaviour.dropped()['rule-rate']).toBeGreaterThan(0);
  });
});

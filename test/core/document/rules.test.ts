import { describe, expect, test } from 'vitest';
import { documentDraftSchema } from '../../../core/document/schema.ts';
import { rawResource } from '../support/samples.ts';

const parts = {
  inputs: [
    { id: 'moisture', mqtt: { topic: 'm' } },
    { id: 'mode', mqtt: { topic: 'n' }, payload: { format: 'text' } },
    { id: 'rain', mqtt: { topic: 'r' }, payload: { format: 'json', type: 'boolean' } },
  ],
  views: [
    { id: 'now', input: 'moisture', latest: true },
    { id: 'hourly', input: 'moisture', window: '1h', aggregate: ['mean'] },
    { id: 'both', join: ['moisture', 'speed'], window: '1h', aggregate: ['mean'] },
  ],
  actions: [
    { id: 'valve', mqtt: { topic: 'v' }, payload: { format: 'json', type: 'boolean' } },
    { id: 'speed', mqtt: { topic: 's' }, payload: { format: 'number', minimum: 0, maximum: 10 } },
  ],
};
const dry = { fact: 'moisture', operator: 'lessThan', value: 30 };
const open = [{ action: 'valve', value: true }];

/** Where the schema finds flaws in one rule, without the leading `spec.rules.0`. */
function flawsOf(rule: object): readonly string[] {
  const parsed = documentDraftSchema.safeParse(
    rawResource({ ...parts, rules: [{ id: 'water', when: dry, do: open, ...rule }] }),
  );
  return parsed.error?.issues.map(({ path }) => path.slice(3).join('.')) ?? [];
}

describe('rules', () => {
  test.each<readonly [string, object]>([
    ['a number', {}],
    [
      'nested conditions',
      { when: { all: [dry, { any: [{ not: dry }, { fact: 'rain', operator: 'equal', value: false }] }] } },
    ],
    ['an aggregate', { when: { fact: { view: 'hourly', field: 'mean' }, operator: 'lessThan', value: 30 } }],
    ['an age', { when: { fact: { age: 'moisture' }, operator: 'greaterThan', value: 600 } }],
    ['what is stored', { when: { fact: { stored: 'mode' }, operator: 'equal', value: 'auto' } }],
    ['a time of day', { when: { fact: { timeOfDay: 'Europe/Berlin' }, operator: 'lessThan', value: '06:30' } }],
    ['a text out of some', { when: { fact: 'mode', operator: 'in', value: ['auto', 'night'] } }],
    ['another fact', { when: { fact: 'moisture', operator: 'lessThan', value: { fact: { stored: 'limit' } } } }],
    ['the last action', { when: { fact: 'valve', operator: 'equal', value: true } }],
    ['durations', { for: '5m', repeat: '1h', cooldown: '10m' }],
    ['something to set', { do: [], set: [{ key: 'since', value: { fact: 'moisture' } }] }],
  ])('take %s', (_, rule) => {
    expect(flawsOf(rule)).toEqual([]);
  });

  test.each<readonly [string, string, object]>([
    ['an unknown input', 'when.fact', { when: { ...dry, fact: 'wetness' } }],
    ['a view without windows', 'when.fact', { when: { ...dry, fact: { view: 'now', field: 'mean' } } }],
    ['an aggregate that is not kept', 'when.fact', { when: { ...dry, fact: { view: 'hourly', field: 'max' } } }],
    ['an aggregate of two inputs', 'when.fact', { when: { ...dry, fact: { view: 'both', field: 'mean' } } }],
    ['an order of texts', 'when.operator', { when: { fact: 'mode', operator: 'lessThan', value: 'b' } }],
    ['an order of booleans', 'when.operator', { when: { fact: 'rain', operator: 'lessThan', value: true } }],
    ['a number compared with a text', 'when.value', { when: { ...dry, value: '30' } }],
    ['a time that is none', 'when.value', { when: { fact: { timeOfDay: 'UTC' }, operator: 'equal', value: '25:00' } }],
    ['an input compared with another type', 'when.value', { when: { ...dry, value: { fact: 'mode' } } }],
    ['an unknown action', 'do.0.action', { do: [{ action: 'moisture', value: true }] }],
    ['a value of another type', 'do.0.value', { do: [{ action: 'valve', value: 1 }] }],
    ['a value out of bounds', 'do.0.value', { do: [{ action: 'speed', value: 11 }] }],
    ['a fact of another type', 'do.0.value', { do: [{ action: 'speed', value: { fact: 'mode' } }] }],
    ['an unknown fact to set', 'set.0.value', { set: [{ key: 'k', value: { fact: 'wetness' } }] }],
    ['a key of the rules themselves', 'set.0.key', { set: [{ key: 'rule/water', value: 1 }] }],
    ['nothing to do', '', { do: [] }],
    ['a path into a value', 'when', { when: { ...dry, path: '$..[?(@.constructor.constructor("x")())]' } }],
    ['an operator of its own', 'when', { when: { ...dry, operator: 'matches' } }],
    [
      'an unknown time zone',
      'when.fact.timeOfDay',
      { when: { fact: { timeOfDay: 'Mars/Base' }, operator: 'equal', value: '06:00' } },
    ],
    ['no condition', 'when.all', { when: { all: [] } }],
    ['too many conditions', 'when', { when: { all: Array(17).fill({ any: [dry, dry] }) } }],
  ])('refuse %s', (_, path, rule) => {
    expect(flawsOf(rule)).toContain(path);
  });

  test('have ids of their own', () => {
    const rule = { id: 'water', when: dry, do: open };
    const parsed = documentDraftSchema.safeParse(rawResource({ ...parts, rules: [rule, rule] }));
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(['spec.rules.1.id']);
  });
});

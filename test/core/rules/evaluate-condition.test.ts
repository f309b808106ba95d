import fc from 'fast-check';
import { Engine, type TopLevelCondition } from 'json-rules-engine';
import { describe, expect, test } from 'vitest';
import type { Condition, Fact } from '../../../core/document/schema.ts';
import type { Scalar } from '../../../core/document/scalar.ts';
import { evaluateCondition } from '../../../core/rules/evaluate-condition.ts';

const names = ['a', 'b', 'c'] as const;
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.boolean(),
  fc.constantFrom('', '06:00', '18:30'),
);
const numbers = fc.integer({ min: -2, max: 2 });
const fact = fc.constantFrom<Fact>(...names);

const comparison: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ fact, operator: fc.constantFrom('equal' as const, 'notEqual' as const), value: scalar }),
  fc.record({
    fact,
    operator: fc.constantFrom(
      'lessThan' as const,
      'lessThanInclusive' as const,
      'greaterThan' as const,
      'greaterThanInclusive' as const,
    ),
    value: fc.oneof(
      numbers,
      fact.map((other) => ({ fact: other })),
    ),
  }),
  fc.record({ fact, operator: fc.constant('in' as const), value: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
  fc.record({ fact, operator: fc.constant('notIn' as const), value: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    comparison,
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
}));

type Facts = Readonly<Partial<Record<string, Scalar>>>;
const evaluate = (of: Condition, facts: Facts) =>
  evaluateCondition(of, (one) => (typeof one === 'string' ? facts[one] : undefined));

describe('evaluateCondition', () => {
  test('agrees with json-rules-engine where every fact is a known number', async () => {
    const facts = fc.record({ a: numbers, b: numbers, c: numbers });
    await fc.assert(
      fc.asyncProperty(condition, facts, async (of, known) => {
        const engine = new Engine([
          { conditions: { all: [of] } as unknown as TopLevelCondition, event: { type: 'holds' } },
        ]);
        const { events } = await engine.run(known);
        expect(evaluate(of, known)).toBe(events.length > 0);
      }),
      { numRuns: 300 },
    );
  });

  test('says only what stays true whatever the unknown facts turn out to be', () => {
    const facts = fc.record({ a: numbers, b: numbers, c: numbers });
    fc.assert(
      fc.property(condition, facts, fc.subarray([...names]), (of, all, hidden) => {
        const known = Object.fromEntries(Object.entries(all).filter(([name]) => !hidden.some((one) => one === name)));
        const truth = evaluate(of, known);
        if (truth !== undefined) expect(evaluate(of, all)).toBe(truth);
      }),
    );
  });

  test('a dead sensor opens no valve: what is unknown stays unknown under not', () => {
    const dry: Condition = { fact: 'moisture', operator: 'lessThan', value: 30 };
    expect(evaluate(dry, {})).toBeUndefined();
    expect(evaluate({ not: dry }, {})).toBeUndefined();
    expect(evaluate({ fact: 'moisture', operator: 'notEqual', value: 30 }, {})).toBeUndefined();
    expect(evaluate({ fact: 'moisture', operator: 'notIn', value: [30] }, {})).toBeUndefined();
    expect(evaluate({ any: [dry, { fact: 'b', operator: 'equal', value: 1 }] }, { b: 1 })).toBe(true);
    expect(evaluate({ all: [dry, { fact: 'b', operator: 'equal', value: 1 }] }, { b: 2 })).toBe(false);
  });

  test('values of two types are different and have no order', () => {
    const order = (value: Scalar) => evaluate({ fact: 'a', operator: 'lessThan', value }, { a: '06:00' });
    expect(order('18:30')).toBe(true);
    expect(order('06:00')).toBe(false);
    expect(order(7)).toBe(false);
    expect(evaluate({ fact: 'a', operator: 'equal', value: '1' }, { a: 1 })).toBe(false);
    expect(evaluate({ fact: 'a', operator: 'greaterThan', value: false }, { a: true })).toBe(false);
  });
});

import type { Condition, Fact, Operand } from '../document/schema.ts';
import type { Scalar } from '../document/scalar.ts';

/** What a fact is now; undefined where nothing is known of it. */
export type ReadFact = (fact: Fact) => Scalar | undefined;

/** Whether a condition holds; undefined where that depends on something unknown. */
export type Truth = boolean | undefined;

/**
 * Evaluates a condition in Kleene's three-valued logic. json-rules-engine, whose form conditions have, takes a fact
 * that is not there for one that differs, so that under `not` a dead sensor opens a valve; here what is unknown stays
 * unknown, and what is unknown never acts.
 */
export function evaluateCondition(condition: Condition, read: ReadFact): Truth {
  if ('all' in condition) return every(condition.all.map((one) => evaluateCondition(one, read)));
  if ('any' in condition) return negate(every(condition.any.map((one) => negate(evaluateCondition(one, read)))));
  if ('not' in condition) return negate(evaluateCondition(condition.not, read));
  const fact = read(condition.fact);
  if (fact === undefined) return undefined;
  if (condition.operator === 'in') return condition.value.includes(fact);
  if (condition.operator === 'notIn') return !condition.value.includes(fact);
  const value = valueOf(condition.value, read);
  return value === undefined ? undefined : compare(condition.operator, [fact, value]);
}

/** What an operand is now: itself, or what its fact is. */
export function valueOf(operand: Operand, read: ReadFact): Scalar | undefined {
  return typeof operand === 'object' ? read(operand.fact) : operand;
}

type Operator = Exclude<Extract<Condition, { readonly fact: unknown }>['operator'], 'in' | 'notIn'>;

/** Values of two types are different, and have no order. */
function compare(operator: Operator, [left, right]: readonly [Scalar, Scalar]): boolean {
  if (operator === 'equal') return left === right;
  if (operator === 'notEqual') return left !== right;
  if (typeof left !== typeof right || typeof left === 'boolean') return false;
  switch (operator) {
    case 'lessThan':
      return left < right;
    case 'lessThanInclusive':
      return left <= right;
    case 'greaterThan':
      return left > right;
    case 'greaterThanInclusive':
      return left >= right;
  }
}

function every(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

function negate(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

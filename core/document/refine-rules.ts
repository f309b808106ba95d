import type { z } from 'zod';
import type { actionSchema } from './action-schema.ts';
import type { inputSchema } from './input-schema.ts';
import { MAX_CONDITIONS, type rulesSchema } from './rules-schema.ts';
import { scalarTypeOf, type Scalar, type ScalarType } from './scalar.ts';
import type { viewSchema } from './view-schema.ts';

type Rule = z.output<typeof rulesSchema>[number];
type Condition = Rule['when'];
type Comparison = Extract<Condition, { fact: unknown }>;
type Fact = Comparison['fact'];
type Operand = Rule['do'][number]['value'];

/** The parts of a document that rules speak of. */
export interface RuleParts {
  readonly inputs: readonly z.output<typeof inputSchema>[];
  readonly actions: readonly z.output<typeof actionSchema>[];
  readonly views: readonly z.output<typeof viewSchema>[];
  readonly rules: readonly Rule[];
}

type Path = readonly (string | number)[];
/** Hears of each flaw: where, and what was expected. */
export type OnFlaw = (path: Path, message: string) => void;

type Payload = z.output<typeof actionSchema>['payload'];
/** A fact's type as far as it can be told beforehand; what the store holds can't. */
type FactType = ScalarType | 'time' | 'unknown';

const TIME_OF_DAY = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const ordering: readonly string[] = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];

/**
 * Checks that rules speak of what the document has, compare like with like, and do only what actions take: a rule that
 * could never hold, or would be refused by its actuator, is found when it is written.
 */
export function refineRules(parts: RuleParts, onFlaw: OnFlaw): void {
  const ids = new Set<string>();
  for (const [index, rule] of parts.rules.entries()) {
    const path = ['rules', index];
    if (ids.has(rule.id)) onFlaw([...path, 'id'], 'expected an id that is not taken');
    ids.add(rule.id);
    if (rule.do.length + rule.set.length === 0) onFlaw(path, 'expected something to do or to set');
    const comparisons = comparisonsOf(rule.when, [...path, 'when']);
    if (comparisons.length > MAX_CONDITIONS) onFlaw([...path, 'when'], `expected at most ${MAX_CONDITIONS} conditions`);
    for (const one of comparisons) refineComparison(one, parts, onFlaw);
    refineEffects(rule, { path, parts, onFlaw });
  }
}

function comparisonsOf(condition: Condition, path: Path): readonly { comparison: Comparison; path: Path }[] {
  if ('all' in condition) return condition.all.flatMap((one, index) => comparisonsOf(one, [...path, 'all', index]));
  if ('any' in condition) return condition.any.flatMap((one, index) => comparisonsOf(one, [...path, 'any', index]));
  if ('not' in condition) return comparisonsOf(condition.not, [...path, 'not']);
  return [{ comparison: condition, path }];
}

function refineComparison(
  { comparison, path }: { comparison: Comparison; path: Path },
  parts: RuleParts,
  onFlaw: OnFlaw,
): void {
  const { fact, operator, value } = comparison;
  const type = typeOfFact(fact, parts);
  if (type === undefined) {
    onFlaw([...path, 'fact'], 'expected an input, an action, or an aggregate of a view with windows of one input');
    return;
  }
  if (ordering.includes(operator) && type !== 'number' && type !== 'time' && type !== 'unknown') {
    onFlaw([...path, 'operator'], 'expected equal, notEqual, in or notIn: only numbers and times have an order');
  }
  for (const one of Array.isArray(value) ? value : [value]) {
    if (!isComparable(type, one, parts)) onFlaw([...path, 'value'], `expected what compares with ${describe(type)}`);
  }
}

function refineEffects(rule: Rule, { path, parts, onFlaw }: { path: Path; parts: RuleParts; onFlaw: OnFlaw }): void {
  for (const [index, { action, value }] of rule.do.entries()) {
    const payload = parts.actions.find(({ id }) => id === action)?.payload;
    if (payload === undefined) onFlaw([...path, 'do', index, 'action'], 'expected the id of an action');
    else if (!isTaken(payload, value, parts)) {
      onFlaw([...path, 'do', index, 'value'], `expected a ${payload.type} within the bounds of the action`);
    }
  }
  for (const [index, { value }] of rule.set.entries()) {
    if (isFact(value) && typeOfFact(value.fact, parts) === undefined) {
      onFlaw([...path, 'set', index, 'value'], 'expected a fact that there is');
    }
  }
}

function typeOfFact(fact: Fact, parts: RuleParts): FactType | undefined {
  if (typeof fact === 'string') return typeOfSeries(fact, parts);
  if ('age' in fact) return typeOfSeries(fact.age, parts) && 'number';
  if ('stored' in fact) return 'unknown';
  if ('timeOfDay' in fact) return 'time';
  const view = parts.views.find(({ id }) => id === fact.view);
  // A joined window has each aggregate several times, once for each input.
  const isSingle = view !== undefined && 'aggregate' in view && !('join' in view);
  const fields: readonly string[] = isSingle ? view.aggregate : [];
  return fields.includes(fact.field) ? 'number' : undefined;
}

function typeOfSeries(id: string, { inputs, actions }: RuleParts): ScalarType | undefined {
  return [...inputs, ...actions].find((one) => one.id === id)?.payload.type;
}

function isComparable(type: FactType, operand: Operand, parts: RuleParts): boolean {
  const other = isFact(operand) ? typeOfFact(operand.fact, parts) : typeOfLiteral(operand, type);
  return other !== undefined && (other === type || other === 'unknown' || type === 'unknown');
}

function typeOfLiteral(value: Scalar, beside: FactType): FactType {
  return beside === 'time' && typeof value === 'string' && TIME_OF_DAY.test(value) ? 'time' : scalarTypeOf(value);
}

function isTaken(payload: Payload, operand: Operand, parts: RuleParts): boolean {
  if (isFact(operand)) {
    const type = typeOfFact(operand.fact, parts);
    return type === payload.type || type === 'unknown' || (type === 'time' && payload.type === 'text');
  }
  const { minimum = -Infinity, maximum = Infinity, maxLength } = payload;
  if (scalarTypeOf(operand) !== payload.type) return false;
  if (typeof operand === 'string') return operand.length <= maxLength;
  return typeof operand === 'boolean' || (minimum <= operand && operand <= maximum);
}

function isFact(operand: Operand): operand is Exclude<Operand, Scalar> {
  return typeof operand === 'object';
}

function describe(type: FactType): string {
  return type === 'time' ? 'a time of day, as in 06:30' : `a ${type}`;
}

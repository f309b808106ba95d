import type { Condition, Fact, Rule, VirtualResource } from '../../../core/document/schema.ts';
import type { Scalar } from '../../../core/document/scalar.ts';
import type { ReadFact } from '../../../core/rules/evaluate-condition.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Reach } from '../../reach/reach.ts';

/** Where facts are read; `nowMs` is the device's time. */
export interface FactSources {
  readonly reach: Reach;
  readonly resource: VirtualResource;
  readonly clock: Clock;
}

/** Reads what `rules` look at, all of one moment. A fact that can't be read is unknown. */
export async function readFacts(rules: readonly Rule[], sources: FactSources): Promise<ReadFact> {
  const facts = new Map(rules.flatMap(factsOf).map((fact) => [keyOf(fact), fact]));
  const known = new Map<string, Scalar>();
  for (const [key, fact] of facts) {
    const value = await readFact(fact, sources);
    if (value !== undefined) known.set(key, value);
  }
  return (fact) => known.get(keyOf(fact));
}

function factsOf({ when, do: doing, set }: Rule): readonly Fact[] {
  const operands = [...doing, ...set].flatMap(({ value }) => (typeof value === 'object' ? [value.fact] : []));
  return [...factsOfCondition(when), ...operands];
}

function factsOfCondition(condition: Condition): readonly Fact[] {
  if ('all' in condition) return condition.all.flatMap(factsOfCondition);
  if ('any' in condition) return condition.any.flatMap(factsOfCondition);
  if ('not' in condition) return factsOfCondition(condition.not);
  const { fact, value } = condition;
  return typeof value === 'object' && 'fact' in value ? [fact, value.fact] : [fact];
}

function keyOf(fact: Fact): string {
  return JSON.stringify(fact);
}

async function readFact(fact: Fact, { reach, resource, clock }: FactSources): Promise<Scalar | undefined> {
  if (typeof fact === 'string') return reach.latest(fact)?.value;
  if ('age' in fact) {
    const latest = reach.latest(fact.age);
    return latest === undefined ? undefined : Math.max(0, clock() - latest.timeMs) / 1000;
  }
  if ('stored' in fact) {
    const stored = reach.store.get(fact.stored);
    return typeof stored === 'object' ? undefined : stored;
  }
  if ('timeOfDay' in fact) return timeOfDay(clock(), fact.timeOfDay);
  return readWindow(fact, { reach, resource, clock });
}

/** The window that is now; where nothing came in since it began there is none. */
async function readWindow(
  { view, field }: Extract<Fact, { readonly view: string }>,
  { reach, resource, clock }: FactSources,
): Promise<Scalar | undefined> {
  const spec = resource.spec.views.find(({ id }) => id === view);
  if (spec === undefined || !('window' in spec)) return undefined;
  // A view answers windows that overlap what is asked for: from now on, there is none but this one.
  const from = new Date(clock()).toISOString();
  const answer = (await reach.view(view, { from })) as { readonly windows?: readonly Record<string, unknown>[] };
  const value = answer.windows?.at(-1)?.[field];
  return typeof value === 'number' ? value : undefined;
}

function timeOfDay(nowMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    nowMs,
  );
}

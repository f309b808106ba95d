import { canonicalBytes } from '../../../core/document/canonical.ts';
import { digestOf } from '../../../core/digest.ts';
import { durationMs } from '../../../core/document/duration.ts';
import type { Rule } from '../../../core/document/schema.ts';
import { evaluateCondition, valueOf, type ReadFact } from '../../../core/rules/evaluate-condition.ts';
import { neverHeld, planRule, type RuleStanding, type RuleTiming } from '../../../core/rules/plan-rule.ts';
import type { Clock } from '../../../platform/clock.ts';
import { codedError } from '../../coded-error.ts';
import type { KeyValueStore } from '../../reach/reach.ts';
import type { StartBehaviour } from '../behaviour.ts';
import { readFacts } from './read-facts.ts';

// A burst of readings is looked at once; what is over before that never held.
const EVALUATE_EVERY_MS = 100;
// `for`, ages and times of day go on where no reading comes in.
const TICK_EVERY_MS = 1000;
/** The most firings of a resource's rules a minute: two rules that trigger each other must not wear an actuator out. */
export const MAX_FIRINGS_A_MINUTE = 60;
/** Where the store keeps which rules fired; what follows is the rule's id and the digest of what it says. */
export const RULE_PREFIX = 'rule/';

/** `clock` is the device's time; durations are counted on the clock of `elapsedMs`, which never goes back. */
export interface RulesDeps {
  readonly clock: Clock;
  readonly elapsedMs: () => number;
}

/** Makes the logic of resources that have rules: when a rule's condition holds, it does actions and writes the store. */
export function createRulesBehaviour({ clock, elapsedMs }: RulesDeps): StartBehaviour {
  return ({ configuration, reach }) => {
    const resource = configuration.resolved;
    const { rules } = resource.spec;
    const timings = new Map(rules.map((rule) => [rule.id, timingOf(rule)]));
    const dropped: Record<string, number> = {};
    let standings = new Map<string, RuleStanding>();
    let firings: readonly number[] = [];
    let isActive = false;
    let underway: Promise<void> | undefined;
    let timer: NodeJS.Timeout | undefined;
    let ticker: NodeJS.Timeout | undefined;

    const drop = (reason: string) => {
      dropped[reason] = (dropped[reason] ?? 0) + 1;
    };

    function request(): void {
      if (isActive) timer ??= setTimeout(begin, EVALUATE_EVERY_MS);
    }

    function begin(): void {
      timer = undefined;
      if (!isActive) return;
      // One look at a time: what comes in meanwhile is looked at right after it.
      if (underway !== undefined) request();
      else {
        underway = evaluate().finally(() => {
          underway = undefined;
        });
      }
    }

    async function evaluate(): Promise<void> {
      try {
        const read = await readFacts(rules, { reach, resource, clock });
        for (const rule of rules) if (isActive) await follow(rule, read);
      } catch (error) {
        report('rules', error);
      }
    }

    async function follow(rule: Rule, read: ReadFact): Promise<void> {
      const before = standings.get(rule.id) ?? neverHeld;
      const truth = evaluateCondition(rule.when, read);
      const timing = timings.get(rule.id) ?? timingOf(rule);
      const { standing, fires } = planRule(before, { truth, timing, nowMs: elapsedMs() });
      // Before it acts: a power cut in the midst must not make it act twice.
      if (standing.hasFired !== before.hasFired) keep(rule, standing);
      standings.set(rule.id, standing);
      if (fires) await fire(rule, read);
    }

    function keep(rule: Rule, { hasFired }: RuleStanding): void {
      try {
        if (hasFired) reach.store.put(keyOf(rule), true);
        else reach.store.delete(keyOf(rule));
      } catch (error) {
        report(rule.id, error);
      }
    }

    async function fire(rule: Rule, read: ReadFact): Promise<void> {
      const nowMs = elapsedMs();
      firings = firings.filter((atMs) => nowMs - atMs < 60_000);
      if (firings.length >= MAX_FIRINGS_A_MINUTE) {
        drop('rule-rate');
        return;
      }
      firings = [...firings, nowMs];
      reach.log({ source: 'rules', level: 'info', text: `Rule ${rule.id} holds.` });
      for (const { key, value } of rule.set) attemptSet(rule, { key, value: valueOf(value, read) });
      for (const { action, value } of rule.do) {
        if (!isActive) return;
        // Never tried again by itself: an actuator that moves twice, or minutes late, is a danger.
        await reach.act(action, valueOf(value, read)).catch((error: unknown) => {
          report(rule.id, error);
        });
      }
      request();
    }

    function attemptSet(
      rule: Rule,
      { key, value }: { key: string; value: Parameters<KeyValueStore['put']>[1] | undefined },
    ) {
      try {
        if (value === undefined) drop('rule-unknown-value');
        else reach.store.put(key, value);
      } catch (error) {
        report(rule.id, error);
      }
    }

    function report(about: string, error: unknown): void {
      const { code, message } = codedError(error, { code: 'INTERNAL', what: 'A rule failed' });
      drop(code);
      reach.log({ source: 'rules', level: 'warn', text: `Rule ${about}: ${code}: ${message}` });
    }

    return Promise.resolve({
      probe: () => Promise.resolve(),
      takeOver: () => {
        standings = restore(rules, reach.store);
        isActive = true;
        ticker = setInterval(request, TICK_EVERY_MS);
        request();
        return Promise.resolve();
      },
      deliver: request,
      computeView: undefined,
      dropped: () => ({ ...dropped }),
      stop: async () => {
        isActive = false;
        clearInterval(ticker);
        clearTimeout(timer);
        await underway;
      },
    });
  };
}

/** Rules that fired before a restart and hold since don't fire again; a rule that says something else now is a new one. */
function restore(rules: readonly Rule[], store: KeyValueStore): Map<string, RuleStanding> {
  const current = new Map(rules.map((rule) => [keyOf(rule), rule.id]));
  const standings = new Map<string, RuleStanding>();
  for (const key of store.keys().filter((one) => one.startsWith(RULE_PREFIX))) {
    const id = current.get(key);
    if (id === undefined) store.delete(key);
    else standings.set(id, { ...neverHeld, hasFired: true });
  }
  return standings;
}

function keyOf(rule: Rule): string {
  return `${RULE_PREFIX}${rule.id}/${digestOf(canonicalBytes(rule)).slice(-16)}`;
}

function timingOf(rule: Rule): RuleTiming {
  return {
    forMs: rule.for === undefined ? 0 : durationMs(rule.for),
    repeatMs: rule.repeat === undefined ? undefined : durationMs(rule.repeat),
    cooldownMs: rule.cooldown === undefined ? 0 : durationMs(rule.cooldown),
  };
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountSubject, ANYONE, ANY_RESOURCE } from '../../core/ids.ts';
import { factsOf } from '../../core/ledger/facts.ts';
import type { LedgerChange } from '../../core/ledger/events.ts';
import {
  actionBits,
  actions,
  actionsOfBits,
  NEVER,
  verifyAccess,
  type AccessQuestion,
  type PolicyFacts,
} from '../../core/policy.ts';
import { codeOf } from './support/code-of.ts';
import { scripts } from './support/commands.ts';
import { answer } from './support/play.ts';
import { after, ALICE, BOB, NOBODY, people, resources, roles, tenant, ZERO_ID } from './support/tenant.ts';

const [resource = ZERO_ID, otherResource = ZERO_ID] = resources;
const [role = ZERO_ID] = roles;

type Grant = Extract<LedgerChange, { type: 'grant-set' }>;

function grant(fields: Partial<Grant> = {}): Grant {
  return {
    type: 'grant-set',
    resource,
    subject: ANYONE,
    actions: ['read'],
    offline: false,
    expiresAt: 100n,
    ...fields,
  };
}

function facts(...changes: readonly LedgerChange[]): PolicyFacts {
  return factsOf(after(tenant(), changes));
}

function verdict(question: Partial<AccessQuestion>, known: PolicyFacts) {
  return codeOf(() => verifyAccess({ account: ALICE, resource, action: 'read', now: 99n, ...question }, known));
}

describe('verifyAccess', () => {
  test('denies by default, and tells unsigned callers that signing might help', () => {
    expect(verdict({}, facts())).toBe('FORBIDDEN');
    expect(verdict({ account: undefined }, facts())).toBe('UNAUTHENTICATED');
  });

  test.each(actions)('a grant of %s permits that alone', (granted) => {
    const known = facts(grant({ actions: [granted] }));
    for (const action of actions) expect(verdict({ action }, known)).toBe(action === granted ? undefined : 'FORBIDDEN');
  });

  test('a grant holds until its expiry, not at it', () => {
    expect(verdict({ now: 99n }, facts(grant()))).toBeUndefined();
    expect(verdict({ now: 100n }, facts(grant()))).toBe('FORBIDDEN');
    expect(verdict({ now: 2n ** 64n - 2n }, facts(grant({ expiresAt: NEVER })))).toBeUndefined();
  });

  test('a membership holds until its expiry, not at it, and not once it is taken away', () => {
    const member = { type: 'member-set', role, account: ALICE, expiresAt: 50n } as const;
    const known = facts(grant({ subject: role }), member);
    expect(verdict({ now: 49n }, known)).toBeUndefined();
    expect(verdict({ now: 50n }, known)).toBe('FORBIDDEN');
    expect(verdict({ now: 49n, account: BOB }, known)).toBe('FORBIDDEN');
    const removed = facts(grant({ subject: role }), member, { type: 'member-removed', role, account: ALICE });
    expect(verdict({ now: 49n }, removed)).toBe('FORBIDDEN');
  });

  test('an account is let in by its own grant, others are not', () => {
    const known = facts(grant({ subject: accountSubject(ALICE) }));
    expect(verdict({}, known)).toBeUndefined();
    expect(verdict({ account: BOB }, known)).toBe('FORBIDDEN');
    expect(verdict({ account: undefined }, known)).toBe('UNAUTHENTICATED');
  });

  test('anyone means the unsigned too', () => {
    expect(verdict({ account: undefined }, facts(grant()))).toBeUndefined();
  });

  test('a grant is for its resource, or for all', () => {
    expect(verdict({ resource: otherResource }, facts(grant()))).toBe('FORBIDDEN');
    expect(verdict({ resource: otherResource }, facts(grant({ resource: ANY_RESOURCE })))).toBeUndefined();
  });

  test('a grant to a role on all resources lets its members in', () => {
    const member = { type: 'member-set', role, account: ALICE, expiresAt: NEVER } as const;
    expect(verdict({}, facts(grant({ resource: ANY_RESOURCE, subject: role }), member))).toBeUndefined();
  });

  test('whatever was granted: who is let in can show the unexpired grant, who is not has none', () => {
    const questions = fc.record({
      account: fc.constantFrom(undefined, NOBODY, ...people),
      resource: fc.constantFrom(...resources),
      action: fc.constantFrom(...actions),
      now: fc.bigInt({ min: 900n, max: 3_000n }),
    });
    fc.assert(
      fc.property(scripts, questions, (script, question) => {
        const state = script.reduce((current, step) => after(current, answer(current, step)), tenant(1));
        const covering = [...state.grants.values()]
          .flatMap((bySubject) => [...bySubject.values()])
          .filter((held) => held.resource === question.resource || held.resource === ANY_RESOURCE)
          .filter((held) => held.actions.includes(question.action) && question.now < held.expiresAt)
          .filter(({ subject }) => {
            const { account } = question;
            if (subject === ANYONE) return true;
            if (account === undefined) return false;
            return (
              subject === accountSubject(account) || question.now < (state.members.get(subject)?.get(account) ?? 0n)
            );
          });
        const refused = question.account === undefined ? 'UNAUTHENTICATED' : 'FORBIDDEN';
        expect(verdict(question, factsOf(state))).toBe(covering.length > 0 ? undefined : refused);
      }),
      { numRuns: 500 },
    );
  });
});

describe('action bits', () => {
  test('read 1, write 2, invoke 4, manage 8, and back', () => {
    expect(actions.map((action) => actionBits([action]))).toEqual([1, 2, 4, 8]);
    fc.assert(
      fc.property(fc.subarray([...actions]), (some) => {
        expect(actionsOfBits(actionBits(some))).toEqual(some);
      }),
    );
  });
});

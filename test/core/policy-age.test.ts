import { describe, expect, test } from 'vitest';
import type { Account } from '../../core/account.ts';
import { accountSubject, ANYONE, type SubjectId } from '../../core/ids.ts';
import { actions, NEVER, verifyAccess, type Action, type PolicyFacts } from '../../core/policy.ts';
import type { Freshness } from '../../core/state/freshness.ts';
import { RESOURCE } from './support/site.ts';

const ALICE: Account = `0x${'a1'.repeat(20)}`;
const ROLE = `0x${'f1'.repeat(32)}` as const;

function factsOf({ subject, offline }: { subject: SubjectId; offline: boolean }): PolicyFacts {
  return {
    grant: (resource, asked) =>
      resource === RESOURCE && asked === subject
        ? { resource, subject, actions, offline, expiresAt: NEVER }
        : undefined,
    memberUntil: (role, account) => (role === ROLE && account === ALICE ? NEVER : undefined),
    rolesNamedFor: () => [ROLE],
  };
}

function verdict(of: {
  readonly subject?: SubjectId;
  readonly offline?: boolean;
  readonly grant?: Freshness;
  readonly member?: Freshness;
  readonly action: Action;
}): string {
  const { subject = accountSubject(ALICE), offline = false, grant = 'FRESH', member = 'FRESH', action } = of;
  const freshness = { grant, member, record: 'FROZEN', device: 'FROZEN' } as const;
  const aging = {
    freshnessOf: ({ kind }: { kind: keyof typeof freshness }) => freshness[kind],
    vouchedAt: () => 7200n,
  };
  try {
    verifyAccess({ account: ALICE, resource: RESOURCE, action, now: 10_800n, aging }, factsOf({ subject, offline }));
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('grants by their age', () => {
  test.each([
    ['FRESH', { read: 'ok', write: 'ok', invoke: 'ok', manage: 'ok' }],
    ['STALE', { read: 'ok', write: 'FREEZE', invoke: 'FREEZE', manage: 'FREEZE' }],
    ['FROZEN', { read: 'FREEZE', write: 'FREEZE', invoke: 'FREEZE', manage: 'FREEZE' }],
  ] as const)('%s', (grant, expected) => {
    const told = Object.fromEntries(actions.map((action) => [action, verdict({ grant, action })]));
    expect(told).toEqual(expected);
    const byRole = actions.map((action) => [action, verdict({ subject: ROLE, member: grant, action })]);
    expect(Object.fromEntries(byRole)).toEqual(expected);
    const forAnyone = actions.map((action) => [action, verdict({ subject: ANYONE, grant, member: 'FROZEN', action })]);
    expect(Object.fromEntries(forAnyone)).toEqual(expected);
  });

  test('marked offline hold at any age, and so does the membership that they name', () => {
    for (const action of actions) {
      expect(verdict({ offline: true, grant: 'FROZEN', action })).toBe('ok');
      expect(verdict({ offline: true, subject: ROLE, grant: 'FROZEN', member: 'FROZEN', action })).toBe('ok');
    }
  });

  test('are refused with how old they are', () => {
    const aging = { freshnessOf: () => 'FROZEN' as const, vouchedAt: () => 3600n };
    const question = { account: ALICE, resource: RESOURCE, action: 'read', now: 3600n * 50n, aging } as const;
    expect(() => verifyAccess(question, factsOf({ subject: ANYONE, offline: false }))).toThrow('proved 49 hours ago');
  });

  test('that are not there are forbidden, not old', () => {
    const aging = { freshnessOf: () => 'FROZEN' as const, vouchedAt: () => 0n };
    const question = { account: undefined, resource: RESOURCE, action: 'read', now: 9n, aging } as const;
    expect(() => verifyAccess(question, factsOf({ subject: ROLE, offline: false }))).toThrow('sign the call');
  });
});

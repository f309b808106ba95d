import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytes32Of, digestOfByte } from '../../chain/conformance/command-arbitrary.ts';
import { chooseClaims } from '../../chain/light/make/choose-claims.ts';
import { factNames } from '../../chain/light/make/fact-names.ts';
import { accountSubject, ANY_RESOURCE, ANYONE, type GroupId } from '../../core/ids.ts';
import type { LedgerChange, LedgerEvent } from '../../core/ledger/events.ts';
import { reduceBatch } from '../../core/ledger/reduce.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';
import { factNameOf } from '../../core/state/fact-name.ts';
import { formerlyOf, MOST_FORMER, planFormer, withLost } from '../../dew/bundles/plan-former.ts';
import { planGone } from '../../dew/bundles/plan-gone.ts';
import { createGoneFacts } from '../../dew/ledger/gone-facts.ts';

const groups = [bytes32Of(0x71), bytes32Of(0x72)] as const;
const [barn, field] = groups;
const resources = [bytes32Of(0xa1), bytes32Of(0xa2)] as const;
const role = bytes32Of(0xf1);
const accounts = [`0x${'d1'.repeat(20)}`, `0x${'d2'.repeat(20)}`] as const;
const [resource] = resources;
const [account] = accounts;

/** A ledger whose changes come in batches, one a second; `told` is what each group was told after each. */
function openHistory() {
  let state: LedgerState = emptyLedgerState;
  let time = 0n;
  const gone = createGoneFacts();
  const told = new Map<GroupId, Set<string>>(groups.map((group) => [group, new Set()]));
  const tells = (group: GroupId) => factNames(chooseClaims(state, { group }));
  const take = (...changes: readonly LedgerChange[]): void => {
    time += 1n;
    const events = changes.map((change, index): LedgerEvent => {
      return { ...change, at: { height: time, index, time, transaction: bytes32Of(0x01) } };
    });
    const batch = { block: { height: time, hash: bytes32Of(Number(time % 256n)), time }, events };
    gone.take(batch, state);
    state = reduceBatch(state, batch);
    for (const group of groups) for (const name of tells(group)) told.get(group)?.add(name);
  };
  const lost = (group: GroupId, { at = time, keepSeconds = 1_000_000 } = {}) =>
    planGone(gone.list(), { state, group, at, keepSeconds });
  return { take, tells, told, lost, gone, state: () => state };
}

const activated = (of: string, group: GroupId): LedgerChange => {
  return { type: 'configuration-activated', resource: of as GroupId, version: 1n, digest: digestOfByte(1), group };
};
const granted = (of: string, subject: string): LedgerChange => {
  const grant = { resource: of as GroupId, subject: subject as GroupId, actions: ['read'] as const };
  return { type: 'grant-set', ...grant, offline: false, expiresAt: 99n };
};
const enrolled = (of: `0x${string}`, group: GroupId): LedgerChange => {
  return { type: 'device-enrolled', account: of, kind: 'edge', group, profile: undefined };
};

const anyChange: fc.Arbitrary<LedgerChange> = (() => {
  const group = fc.constantFrom(...groups);
  const one = fc.constantFrom(...resources);
  const named = fc.constantFrom(...resources, ANY_RESOURCE);
  const subject = fc.constantFrom(role, ANYONE, accountSubject(account));
  const device = fc.constantFrom(...accounts);
  const status = fc.constantFrom('active' as const, 'suspended' as const, 'retired' as const);
  return fc.oneof(
    fc.tuple(one, group).map(([of, to]) => activated(of, to)),
    fc.tuple(named, subject).map(([of, to]) => granted(of, to)),
    fc.tuple(named, subject).map(([of, to]) => ({ type: 'grant-revoked', resource: of, subject: to }) as const),
    fc.tuple(device, group).map(([of, to]) => enrolled(of, to)),
    fc.tuple(device, group).map(([of, to]) => ({ type: 'device-group-changed', account: of, group: to }) as const),
    fc.tuple(device, status).map(([of, to]) => ({ type: 'device-status-changed', account: of, status: to }) as const),
    device.map((of) => ({ type: 'member-set', role, account: of, expiresAt: 99n }) as const),
    device.map((of) => ({ type: 'member-removed', role, account: of }) as const),
  );
})();

describe('what a ledger says that a group lost', () => {
  test('is all that it was told of and that went, but memberships of roles that no grant names', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyChange, { minLength: 1, maxLength: 4 }), { maxLength: 14 }), (batches) => {
        const history = openHistory();
        // An account is enrolled once on every ledger.
        const seen = new Set<string>();
        for (const batch of batches) {
          const possible = batch.filter((change) => change.type !== 'device-enrolled' || !seen.has(change.account));
          for (const change of possible) if (change.type === 'device-enrolled') seen.add(change.account);
          history.take(...possible.filter((change, index) => isFirstEnrolment(possible, { change, index })));
        }
        for (const group of groups) {
          const tells = history.tells(group);
          const namesRole = tells.some((name) => name.startsWith('grant/') && name.endsWith(role));
          const known = new Set([...tells, ...history.lost(group)]);
          const missing = [...(history.told.get(group) ?? [])].filter((name) => !known.has(name));
          expect(missing.filter((name) => namesRole || !name.startsWith('member/'))).toEqual([]);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('is of that group, with the grants that went along', () => {
    const { take, lost } = openHistory();
    take(activated(resource, barn), granted(resource, role), enrolled(account, barn));
    expect(lost(barn)).toEqual([]);
    take(activated(resource, field));
    const facts = [
      { kind: 'record', resource },
      { kind: 'grant', resource, subject: ANYONE },
      { kind: 'grant', resource, subject: role },
    ] as const;
    expect([...lost(barn)].sort()).toEqual(facts.map(factNameOf).sort());
    expect(lost(field)).toEqual([]);
  });

  test('is a membership for any group whose grants name the role', () => {
    const { take, lost } = openHistory();
    take(activated(resource, barn), granted(resource, role), activated(resources[1], field));
    take({ type: 'member-set', role, account, expiresAt: 99n }, { type: 'member-removed', role, account });
    expect(lost(barn)).toEqual([factNameOf({ kind: 'member', role, account })]);
    expect(lost(field)).toEqual([]);
  });

  test('is seen where it came and went within one batch', () => {
    const { take, lost } = openHistory();
    take(activated(resource, barn), granted(resource, role), activated(resource, field));
    expect(lost(barn)).toContain(factNameOf({ kind: 'grant', resource, subject: role }));
  });

  test('is told of as long as devices may go by it, and no more than a bundle has room for', () => {
    const { take, lost, gone } = openHistory();
    take(activated(resource, barn));
    take(activated(resource, field));
    expect(lost(barn, { at: 12n, keepSeconds: 10 })).toHaveLength(2);
    expect(lost(barn, { at: 13n, keepSeconds: 10 })).toEqual([]);
    const many = Array.from({ length: MOST_FORMER + 5 }, (_, index) => `0x${index.toString(16).padStart(64, '0')}`);
    take(...many.map((of) => activated(of, barn)));
    take(...many.map((of) => activated(of, field)));
    expect(lost(barn)).toHaveLength(MOST_FORMER);
    expect(lost(barn)).toContain(`record/${many.at(-1)}`);
    expect(gone.list().length).toBeGreaterThan(MOST_FORMER);
  });

  test('has no record forgotten for however many memberships that went later', () => {
    const { take, lost, gone } = openHistory();
    take(activated(resource, barn), activated(resources[1], barn), granted(resources[1], role));
    take(activated(resource, field));
    const removed = (index: number): LedgerChange => {
      return { type: 'member-removed', role, account: `0x${index.toString(16).padStart(40, '0')}` };
    };
    take(...Array.from({ length: 9_000 }, (_, index) => removed(index)));
    expect(lost(barn)).toHaveLength(MOST_FORMER);
    expect(lost(barn)[0]).toBe(factNameOf({ kind: 'record', resource }));
    expect(createGoneFacts(gone.list()).list()).toEqual(gone.list());
    expect(gone.list().length).toBeLessThan(10_000);
  });

  test('is bounded: what went longest ago is forgotten first', () => {
    const history = openHistory();
    history.take(activated(resource, barn), activated(resources[1], barn));
    const gone = createGoneFacts([], { most: 1 });
    const moved = (of: string, index: number) => {
      const at = { height: 2n, index, time: BigInt(index), transaction: bytes32Of(1) };
      return { ...activated(of, field), at } as LedgerEvent;
    };
    const events = [moved(resource, 1), moved(resources[1], 2)];
    gone.take({ block: { height: 2n, hash: bytes32Of(2), time: 2n }, events }, history.state());
    expect(gone.list().map(({ since }) => since)).toEqual([2n, 2n]);
  });
});

test('what the ledger says a group lost adds to what it was told, from now on', () => {
  const before = { tells: ['record/a'], former: new Map([['record/b', 5n]]) };
  const { tells, former } = withLost(before, { lost: ['record/c', 'record/b', 'record/a'], at: 9n });
  expect(tells).toEqual(['record/a']);
  expect([...former]).toEqual([
    ['record/c', 9n],
    ['record/b', 5n],
  ]);
});

describe('where more went than a bundle has room for', () => {
  const many = (kind: string, count = MOST_FORMER) => Array.from({ length: count }, (_, index) => `${kind}/${index}`);
  const times = { at: 9n, keepSeconds: 100 };

  test('what edges keep on believing unless told goes before what they drop by themselves', () => {
    const former = new Map([
      ['record/moved', 1n],
      ['device/gone', 2n],
      ...many('grant').map((name) => [name, 5n] as const),
    ]);
    const planned = planFormer({ tells: many('member'), former }, { tells: [], ...times });
    expect(planned.size).toBe(MOST_FORMER);
    expect([planned.get('record/moved'), planned.get('device/gone')]).toEqual([1n, 2n]);
    // And of those the newest.
    expect(planned.get('member/0')).toBe(9n);
    expect([...planned.keys()].filter((name) => name.startsWith('grant/'))).toEqual([]);
    const told = withLost({ tells: [], former }, { lost: many('member'), at: 9n });
    expect([told.former.size, told.former.get('record/moved')]).toEqual([MOST_FORMER, 1n]);
  });

  test('all that went at once is told of once, to whoever is there; then the rest grows old', () => {
    const tells = many('record', MOST_FORMER + 10);
    const before = { tells, former: new Map<string, bigint>() };
    expect(formerlyOf(before)).toHaveLength(MOST_FORMER + 10);
    expect(planFormer(before, { tells: [], ...times }).size).toBe(MOST_FORMER);
  });
});

function isFirstEnrolment(
  all: readonly LedgerChange[],
  { change, index }: { readonly change: LedgerChange; readonly index: number },
): boolean {
  if (change.type !== 'device-enrolled') return true;
  return !all.slice(0, index).some((one) => one.type === 'device-enrolled' && one.account === change.account);
}

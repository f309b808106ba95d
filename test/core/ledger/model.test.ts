import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Account } from '../../../core/account.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import type { LedgerChange } from '../../../core/ledger/events.ts';
import { proposalKey, versionKey } from '../../../core/ledger/proposal-key.ts';
import type { LedgerState } from '../../../core/ledger/state.ts';
import { scripts } from '../support/commands.ts';
import { answer } from '../support/play.ts';
import { after, tenant } from '../support/tenant.ts';

interface Step {
  readonly before: LedgerState;
  readonly changes: readonly LedgerChange[];
  readonly state: LedgerState;
}

function play(script: readonly (readonly [Account, LedgerCommand])[], threshold: number): Step[] {
  let before = tenant(threshold);
  return script.map((step) => {
    const changes = answer(before, step);
    const played = { before, changes, state: after(before, changes) };
    before = played.state;
    return played;
  });
}

function everyRun(check: (steps: readonly Step[]) => void): void {
  fc.assert(
    fc.property(scripts, fc.nat(2), (script, threshold) => {
      check(play(script, threshold));
    }),
    { numRuns: 300 },
  );
}

describe('whatever is asked of a ledger', () => {
  test('the scripts reach what the properties speak of', () => {
    const seen = new Map<string, number>();
    for (const script of fc.sample(scripts, { numRuns: 300, seed: 1 })) {
      for (const { changes } of play(script, 1)) {
        for (const { type } of changes) seen.set(type, (seen.get(type) ?? 0) + 1);
      }
    }
    for (const type of ['configuration-activated', 'version-revoked', 'grant-revoked', 'receipts-anchored']) {
      expect(seen.get(type) ?? 0, type).toBeGreaterThan(20);
    }
  });

  test('versions only rise', () => {
    everyRun((steps) => {
      for (const { before, state } of steps) {
        for (const [resource, head] of before.heads) {
          const next = state.heads.get(resource);
          expect(next).toBeDefined();
          expect((next?.version ?? 0n) >= head.version).toBe(true);
          if (next?.version === head.version) expect({ ...next, status: head.status }).toEqual(head);
        }
      }
    });
  });

  test('nothing is active without as many approvals of others as the threshold asks', () => {
    everyRun((steps) => {
      const proposers = new Map<string, Account>();
      const approvers = new Map<string, Account[]>();
      for (const { before, changes } of steps) {
        for (const change of changes) {
          if (change.type === 'configuration-proposed') proposers.set(proposalKey(change), change.proposer);
          if (change.type === 'configuration-approved') {
            const key = proposalKey(change);
            approvers.set(key, [...(approvers.get(key) ?? []), change.approver]);
          }
          if (change.type !== 'configuration-activated') continue;
          const key = proposalKey(change);
          const others = new Set((approvers.get(key) ?? []).filter((account) => account !== proposers.get(key)));
          expect(proposers.has(key)).toBe(true);
          expect(others.size).toBe(approvers.get(key)?.length ?? 0);
          expect(others.size).toBeGreaterThanOrEqual(before.approvalThreshold);
        }
      }
    });
  });

  test('a revoked version never returns', () => {
    everyRun((steps) => {
      const revoked = new Set<string>();
      for (const { changes, state } of steps) {
        for (const change of changes) {
          if (change.type === 'version-revoked') revoked.add(versionKey(change));
          if (change.type === 'configuration-activated') expect(revoked.has(versionKey(change))).toBe(false);
        }
        for (const head of state.heads.values()) {
          expect(head.status).toBe(revoked.has(versionKey(head)) ? 'revoked' : 'active');
        }
      }
    });
  });

  test('no proposal stands that can not become a head', () => {
    everyRun((steps) => {
      for (const { state } of steps) {
        for (const proposal of state.proposals.values()) {
          expect(proposal.version > (state.heads.get(proposal.resource)?.version ?? 0n)).toBe(true);
          expect(state.revoked.has(versionKey(proposal))).toBe(false);
        }
      }
    });
  });

  test('a retired device stays as it was', () => {
    everyRun((steps) => {
      for (const { before, state } of steps) {
        for (const [account, device] of before.devices) {
          if (device.status === 'retired') expect(state.devices.get(account)).toEqual(device);
        }
      }
    });
  });

  test('what is not granted, or was taken away, is not there', () => {
    everyRun((steps) => {
      const granted = new Map<string, LedgerChange>();
      for (const { changes, state } of steps) {
        for (const change of changes) {
          if (change.type === 'grant-set') granted.set(`${change.resource}/${change.subject}`, change);
          if (change.type === 'grant-revoked') granted.delete(`${change.resource}/${change.subject}`);
        }
        const held = [...state.grants.values()].flatMap((bySubject) => [...bySubject.values()]);
        expect(held.length).toBe(granted.size);
        for (const grant of held) expect(granted.get(`${grant.resource}/${grant.subject}`)).toMatchObject(grant);
      }
    });
  });
});

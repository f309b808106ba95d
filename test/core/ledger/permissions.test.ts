import { describe, expect, test } from 'vitest';
import { ANYONE } from '../../../core/ids.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { decideCommand } from '../../../core/ledger/decide.ts';
import { roleNeeded } from '../../../core/ledger/permissions.ts';
import { governanceRoles } from '../../../core/ledger/records.ts';
import { emptyLedgerState } from '../../../core/ledger/state.ts';
import { NEVER } from '../../../core/policy.ts';
import { codeOf } from '../support/code-of.ts';
import { after, groups, NOBODY, NOW, proposalOf, resources, roles, ZERO_ID } from '../support/tenant.ts';

const [resource = ZERO_ID] = resources;
const [group = ZERO_ID] = groups;
const [role = ZERO_ID] = roles;

/** One command of each type; whether the ledger's state allows it comes after whether its writer may ask. */
const examples: { readonly [Type in LedgerCommand['type']]: Extract<LedgerCommand, { type: Type }> } = {
  'enrol-device': { type: 'enrol-device', account: NOBODY, kind: 'edge', group, profile: undefined },
  'set-device-status': { type: 'set-device-status', account: NOBODY, status: 'retired' },
  'set-device-group': { type: 'set-device-group', account: NOBODY, group },
  'set-device-profile': { type: 'set-device-profile', account: NOBODY, profile: undefined },
  propose: { type: 'propose', proposals: [proposalOf()] },
  approve: { type: 'approve', proposals: [proposalOf()] },
  revoke: { type: 'revoke', resource, version: 1n },
  'set-approval-threshold': { type: 'set-approval-threshold', threshold: 1 },
  'set-grant': { type: 'set-grant', resource, subject: ANYONE, actions: ['read'], offline: false, expiresAt: NEVER },
  'revoke-grant': { type: 'revoke-grant', resource, subject: ANYONE },
  'set-member': { type: 'set-member', role, account: NOBODY, expiresAt: NEVER },
  'remove-member': { type: 'remove-member', role, account: NOBODY },
  'anchor-receipts': { type: 'anchor-receipts', root: resource, count: 1 },
};

const cases = Object.values(examples).flatMap((command) =>
  [undefined, ...governanceRoles].map((held) => ({ type: command.type, held: held ?? 'no role', command })),
);

describe('every command, asked for with every role', () => {
  test.each(cases)('$type with $held', ({ type, held, command }) => {
    const granted = governanceRoles.filter((known) => known === held);
    const state = after(
      emptyLedgerState,
      granted.map((known) => ({ type: 'governance-granted', role: known, account: NOBODY, since: 0n })),
    );
    const code = codeOf(() => decideCommand(state, { actor: NOBODY, command, now: NOW }));
    const needed = roleNeeded[type];
    if (needed === undefined || needed === held) expect(code).not.toBe('NOT_PERMITTED');
    else expect(code).toBe('NOT_PERMITTED');
  });

  test('a role that was taken away is gone', () => {
    const granted = after(emptyLedgerState, [
      { type: 'governance-granted', role: 'revoker', account: NOBODY, since: 0n },
    ]);
    const gone = after(granted, [{ type: 'governance-revoked', role: 'revoker', account: NOBODY }]);
    expect(codeOf(() => decideCommand(gone, { actor: NOBODY, command: examples.revoke, now: NOW }))).toBe(
      'NOT_PERMITTED',
    );
  });

  test('the table is what it was: a change of who may do what is a decision', () => {
    expect(roleNeeded).toEqual({
      'enrol-device': 'registrar',
      'set-device-status': 'registrar',
      'set-device-group': 'registrar',
      'set-device-profile': 'registrar',
      propose: 'publisher',
      approve: 'approver',
      revoke: 'revoker',
      'set-approval-threshold': 'admin',
      'set-grant': 'policy-admin',
      'revoke-grant': 'policy-admin',
      'set-member': 'policy-admin',
      'remove-member': 'policy-admin',
      'anchor-receipts': undefined,
    });
  });
});

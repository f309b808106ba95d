import { describe, expect, test } from 'vitest';
import type { Account } from '../../../core/account.ts';
import type { ErrorCode } from '../../../core/errors.ts';
import { ANYONE, accountSubject } from '../../../core/ids.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { decideCommand } from '../../../core/ledger/decide.ts';
import type { Proposal } from '../../../core/ledger/records.ts';
import type { LedgerState } from '../../../core/ledger/state.ts';
import { MAX_VERSION_JUMP } from '../../../core/ledger/version-jump.ts';
import { NEVER } from '../../../core/policy.ts';
import { codeOf } from '../support/code-of.ts';
import {
  after,
  ALICE,
  BOB,
  CAROL,
  digests,
  groups,
  NOBODY,
  NOW,
  proposalOf,
  resources,
  roles,
  run,
  tenant,
  ZERO_ACCOUNT,
  ZERO_ID,
} from '../support/tenant.ts';

const [resource = ZERO_ID] = resources;
const [group = ZERO_ID] = groups;
const [role = ZERO_ID] = roles;
const [, otherDigest = 'sha256:'] = digests;
const ZERO_DIGEST = `sha256:${'00'.repeat(32)}` as const;

const propose = (...proposals: Proposal[]): LedgerCommand => ({ type: 'propose', proposals });
const approve = (...proposals: Proposal[]): LedgerCommand => ({ type: 'approve', proposals });
const revoke = (version: bigint): LedgerCommand => ({ type: 'revoke', resource, version });
const enrol = (account: Account): LedgerCommand => ({
  type: 'enrol-device',
  account,
  kind: 'edge',
  group,
  profile: undefined,
});
const status = (account: Account, to: 'active' | 'suspended' | 'retired'): LedgerCommand => ({
  type: 'set-device-status',
  account,
  status: to,
});
const grant = (fields: Partial<Extract<LedgerCommand, { type: 'set-grant' }>> = {}): LedgerCommand => ({
  type: 'set-grant',
  resource,
  subject: ANYONE,
  actions: ['read'],
  offline: false,
  expiresAt: NEVER,
  ...fields,
});
const member = (fields: Partial<Extract<LedgerCommand, { type: 'set-member' }>> = {}): LedgerCommand => ({
  type: 'set-member',
  role,
  account: BOB,
  expiresAt: NEVER,
  ...fields,
});
const anchor = (root = resource, count = 1): LedgerCommand => ({ type: 'anchor-receipts', root, count });

const v = (version: bigint) => proposalOf({ version });
const fresh = tenant();
const proposed = run(fresh, [ALICE, propose(v(1n))]);
const active = run(proposed, [BOB, approve(v(1n))]);
const two = run(tenant(2), [ALICE, propose(v(1n))], [BOB, approve(v(1n))]);
const enrolled = run(fresh, [ALICE, enrol(NOBODY)]);
const retired = run(enrolled, [ALICE, status(NOBODY, 'retired')]);

const refusals: readonly (readonly [string, ErrorCode, LedgerState, Account, LedgerCommand])[] = [
  ['the zero resource', 'SCHEMA', fresh, ALICE, propose(proposalOf({ resource: ZERO_ID }))],
  ['the zero digest', 'SCHEMA', fresh, ALICE, propose(proposalOf({ digest: ZERO_DIGEST }))],
  ['the zero group', 'SCHEMA', fresh, ALICE, propose(proposalOf({ group: ZERO_ID }))],
  ['version 0', 'SCHEMA', fresh, ALICE, propose(v(0n))],
  ['a version beyond 64 bits', 'SCHEMA', fresh, ALICE, propose(v(2n ** 64n))],
  ['a negative version', 'SCHEMA', fresh, ALICE, propose(v(-1n))],
  ['no proposals', 'EMPTY_BATCH', fresh, ALICE, propose()],
  ['no approvals', 'EMPTY_BATCH', fresh, ALICE, approve()],
  ['the version that stands', 'VERSION_NOT_NEWER', active, ALICE, propose(proposalOf({ digest: otherDigest }))],
  ['a version too far', 'VERSION_TOO_FAR', fresh, ALICE, propose(v(MAX_VERSION_JUMP + 1n))],
  ['a version too far after a head', 'VERSION_TOO_FAR', active, ALICE, propose(v(MAX_VERSION_JUMP + 2n))],
  ['the last version of all', 'VERSION_TOO_FAR', fresh, ALICE, propose(v(2n ** 64n - 1n))],
  ['a revoked version', 'REVOKED', run(fresh, [CAROL, revoke(2n)]), ALICE, propose(v(2n))],
  ['the same proposal again', 'ALREADY_PROPOSED', proposed, BOB, propose(v(1n))],
  ['one proposal twice in a batch', 'ALREADY_PROPOSED', fresh, ALICE, propose(v(1n), v(1n))],
  ['one proposal twice, active at once', 'VERSION_NOT_NEWER', tenant(0), ALICE, propose(v(1n), v(1n))],
  ['falling versions in a batch, active at once', 'VERSION_NOT_NEWER', tenant(0), ALICE, propose(v(2n), v(1n))],
  ['a bad proposal after a good one', 'SCHEMA', fresh, ALICE, propose(v(1n), v(0n))],

  ['an approval of what nobody proposed', 'NOT_FOUND', fresh, BOB, approve(v(1n))],
  ['an approval of another digest', 'NOT_FOUND', proposed, BOB, approve(proposalOf({ digest: otherDigest }))],
  ['an approval for another group', 'NOT_FOUND', proposed, BOB, approve(proposalOf({ group: groups[1] as never }))],
  ["one's own proposal", 'OWN_PROPOSAL', proposed, ALICE, approve(v(1n))],
  ['a second approval by one account', 'ALREADY_APPROVED', two, BOB, approve(v(1n))],
  [
    'a second approval within a batch',
    'ALREADY_APPROVED',
    run(tenant(2), [ALICE, propose(v(1n))]),
    BOB,
    approve(v(1n), v(1n)),
  ],
  [
    'an approval of a version that was overtaken',
    'VERSION_NOT_NEWER',
    run(fresh, [ALICE, propose(v(1n), v(2n))], [BOB, approve(v(2n))]),
    CAROL,
    approve(v(1n)),
  ],
  ['an approval of a revoked version', 'REVOKED', run(proposed, [CAROL, revoke(1n)]), BOB, approve(v(1n))],
  ['an approval of a revoked head', 'VERSION_NOT_NEWER', run(active, [CAROL, revoke(1n)]), BOB, approve(v(1n))],

  [
    'revoking below the head',
    'VERSION_NOT_NEWER',
    run(active, [ALICE, propose(v(2n))], [BOB, approve(v(2n))]),
    CAROL,
    revoke(1n),
  ],
  ['revoking the farthest version', 'VERSION_TOO_FAR', active, CAROL, revoke(MAX_VERSION_JUMP + 1n)],
  ['revoking the head twice', 'ALREADY_REVOKED', run(active, [CAROL, revoke(1n)]), CAROL, revoke(1n)],
  ['revoking a version to come twice', 'ALREADY_REVOKED', run(fresh, [CAROL, revoke(2n)]), CAROL, revoke(2n)],
  ['revoking version 0', 'SCHEMA', fresh, CAROL, revoke(0n)],

  ['enrolling the zero account', 'SCHEMA', fresh, ALICE, enrol(ZERO_ACCOUNT)],
  ['enrolling twice', 'ALREADY_ENROLLED', enrolled, ALICE, enrol(NOBODY)],
  ['enrolling after retirement', 'ALREADY_ENROLLED', retired, ALICE, enrol(NOBODY)],
  ['suspending what is no device', 'NOT_ENROLLED', fresh, ALICE, status(NOBODY, 'suspended')],
  ['activating the active', 'INVALID_TRANSITION', enrolled, ALICE, status(NOBODY, 'active')],
  ['activating the retired', 'INVALID_TRANSITION', retired, ALICE, status(NOBODY, 'active')],
  ['retiring the retired', 'INVALID_TRANSITION', retired, ALICE, status(NOBODY, 'retired')],
  ['moving what is no device', 'NOT_ENROLLED', fresh, ALICE, { type: 'set-device-group', account: NOBODY, group }],
  ['moving the retired', 'INVALID_TRANSITION', retired, ALICE, { type: 'set-device-group', account: NOBODY, group }],
  [
    'a profile for the retired',
    'INVALID_TRANSITION',
    retired,
    ALICE,
    { type: 'set-device-profile', account: NOBODY, profile: otherDigest },
  ],

  ['a grant of nothing', 'INVALID_GRANT', fresh, ALICE, grant({ actions: [] })],
  ['a grant that is over', 'INVALID_GRANT', fresh, ALICE, grant({ expiresAt: NOW })],
  ['a grant on the zero resource', 'INVALID_GRANT', fresh, ALICE, grant({ resource: ZERO_ID })],
  ['a grant to the zero subject', 'INVALID_GRANT', fresh, ALICE, grant({ subject: ZERO_ID })],
  ['a grant beyond 64 bits', 'INVALID_GRANT', fresh, ALICE, grant({ expiresAt: NEVER + 1n })],
  ['revoking no grant', 'NO_GRANT', fresh, ALICE, { type: 'revoke-grant', resource, subject: ANYONE }],
  ['a membership that is over', 'INVALID_GRANT', fresh, ALICE, member({ expiresAt: NOW })],
  ['a membership beyond 64 bits', 'INVALID_GRANT', fresh, ALICE, member({ expiresAt: NEVER + 1n })],
  ['a role that is everyone', 'INVALID_GRANT', fresh, ALICE, member({ role: ANYONE })],
  ['a role that is an account', 'INVALID_GRANT', fresh, ALICE, member({ role: accountSubject(BOB) })],
  ['a role that is zero', 'INVALID_GRANT', fresh, ALICE, member({ role: ZERO_ID })],
  ['a member that is no account', 'INVALID_GRANT', fresh, ALICE, member({ account: ZERO_ACCOUNT })],
  ['removing no member', 'NO_MEMBER', fresh, ALICE, { type: 'remove-member', role, account: BOB }],

  ['receipts of a stranger', 'NOT_ENROLLED', fresh, NOBODY, anchor()],
  [
    'receipts of a suspended device',
    'SUSPENDED',
    run(enrolled, [ALICE, status(NOBODY, 'suspended')]),
    NOBODY,
    anchor(),
  ],
  ['receipts of a retired device', 'SUSPENDED', retired, NOBODY, anchor()],
  ['the same receipts again', 'ALREADY_ANCHORED', run(enrolled, [NOBODY, anchor()]), NOBODY, anchor()],
  ['no receipts', 'EMPTY_BATCH', enrolled, NOBODY, anchor(resource, 0)],
  ['receipts without a root', 'EMPTY_BATCH', enrolled, NOBODY, anchor(ZERO_ID)],
  ['half a receipt', 'SCHEMA', enrolled, NOBODY, anchor(resource, 0.5)],
  ['a negative threshold', 'SCHEMA', fresh, ALICE, { type: 'set-approval-threshold', threshold: -1 }],
  ['a threshold beyond 32 bits', 'SCHEMA', fresh, ALICE, { type: 'set-approval-threshold', threshold: 2 ** 32 }],
];

describe('decideCommand refuses', () => {
  test.each(refusals)('%s: %s', (_, code, state, actor, command) => {
    expect(codeOf(() => decideCommand(state, { actor, command, now: NOW }))).toBe(code);
  });
});

describe('decideCommand takes up', () => {
  const typesOf = (state: LedgerState, actor: Account, command: LedgerCommand) =>
    decideCommand(state, { actor, command, now: NOW }).map(({ type }) => type);

  test('a proposal without a threshold, active at once', () => {
    expect(typesOf(tenant(0), ALICE, propose(v(1n)))).toEqual(['configuration-proposed', 'configuration-activated']);
  });

  test('competing proposals of one version, which nobody can occupy', () => {
    expect(typesOf(proposed, BOB, propose(proposalOf({ digest: otherDigest })))).toHaveLength(1);
  });

  test('an approval that is not yet enough, then one that is', () => {
    expect(typesOf(run(tenant(2), [ALICE, propose(v(1n))]), BOB, approve(v(1n)))).toEqual(['configuration-approved']);
    expect(typesOf(two, CAROL, approve(v(1n)))).toEqual(['configuration-approved', 'configuration-activated']);
  });

  test('an approval where the threshold was lowered meanwhile', () => {
    const lowered = run(two, [ALICE, { type: 'set-approval-threshold', threshold: 1 }]);
    expect(lowered.heads.size).toBe(0);
    expect(typesOf(lowered, CAROL, approve(v(1n)))).toContain('configuration-activated');
  });

  test('a version exactly as far as may be, and a newer one after a revoked head', () => {
    expect(typesOf(fresh, ALICE, propose(v(MAX_VERSION_JUMP)))).toHaveLength(1);
    expect(typesOf(run(active, [CAROL, revoke(1n)]), ALICE, propose(v(2n)))).toHaveLength(1);
  });

  test('a suspended device made active again', () => {
    const suspended = run(enrolled, [ALICE, status(NOBODY, 'suspended')]);
    expect(typesOf(suspended, ALICE, status(NOBODY, 'active'))).toEqual(['device-status-changed']);
  });

  test('a device that serves no group, and one more grant in the place of the first', () => {
    const dew: LedgerCommand = {
      type: 'enrol-device',
      account: NOBODY,
      kind: 'dew',
      group: ZERO_ID,
      profile: undefined,
    };
    expect(typesOf(fresh, ALICE, dew)).toEqual(['device-enrolled']);
    const twice = run(fresh, [ALICE, grant({ actions: ['read', 'write'] })], [ALICE, grant()]);
    expect(twice.grants.get(resource)?.get(ANYONE)?.actions).toEqual(['read']);
  });

  test('nothing of a batch of which one is refused', () => {
    const batch = propose(v(1n), v(MAX_VERSION_JUMP + 9n));
    expect(codeOf(() => decideCommand(tenant(0), { actor: ALICE, command: batch, now: NOW }))).toBe('VERSION_TOO_FAR');
  });
});

describe('decideCommand and time', () => {
  const later = after(fresh, [{ type: 'governance-granted', role: 'publisher', account: NOBODY, since: NOW + 60n }]);

  test('a role holds from its time on, not before', () => {
    const at = (now: bigint) => codeOf(() => decideCommand(later, { actor: NOBODY, command: propose(v(1n)), now }));
    expect(at(NOW + 59n)).toBe('NOT_PERMITTED');
    expect(at(NOW + 60n)).toBeUndefined();
  });
});

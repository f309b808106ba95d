import { describe, expect, test } from 'vitest';
import { hasCode, type ErrorCode } from '../../core/errors.ts';
import { ANYONE } from '../../core/ids.ts';
import type { LedgerCommand } from '../../core/ledger/commands.ts';
import { roleNeeded } from '../../core/ledger/permissions.ts';
import type { Proposal } from '../../core/ledger/records.ts';
import { NEVER } from '../../core/policy.ts';
import { bytes32Of, digestOfByte, type Step } from './command-arbitrary.ts';
import { readEventsOf } from './read-ledger.ts';
import { actors, castRoles, type LedgerFactory, type TestTenant } from './test-tenant.ts';
import { useTenant } from './use-tenant.ts';

/** What the ledger must refuse, with which code, after `before` was taken up. */
interface Refusal extends Step {
  readonly code: ErrorCode;
  readonly before?: readonly Step[];
}

const resource = bytes32Of(0xa1);
const group = bytes32Of(0xb1);
const role = bytes32Of(0xd1);
const root = bytes32Of(0xf1);
const later = 4_000_000_000n;

function proposalOf(version: bigint, byte = 0xc1): Proposal {
  return { resource, version, digest: digestOfByte(byte), group };
}

function propose(...proposals: readonly Proposal[]): Step {
  return { actor: 'publisher', command: { type: 'propose', proposals } };
}

function approve(...proposals: readonly Proposal[]): Step {
  return { actor: 'approver', command: { type: 'approve', proposals } };
}

function revoke(version: bigint): Step {
  return { actor: 'revoker', command: { type: 'revoke', resource, version } };
}

function byAuthor({ command }: Step): Step {
  return { actor: 'author', command };
}

/** A threshold of one; one command for every way to break a rule. */
function refusals({ accounts }: TestTenant): Readonly<Record<string, Refusal>> {
  const account = accounts.device;
  const enrol: Step = {
    actor: 'registrar',
    command: { type: 'enrol-device', account, kind: 'edge', group, profile: undefined },
  };
  const status = (to: 'active' | 'suspended' | 'retired'): Step => ({
    actor: 'registrar',
    command: { type: 'set-device-status', account, status: to },
  });
  const grant = {
    type: 'set-grant',
    resource,
    subject: ANYONE,
    actions: ['read'],
    offline: false,
    expiresAt: later,
  } as const;
  const member = { type: 'set-member', role, account, expiresAt: later } as const;
  const policy = (command: LedgerCommand): Step => ({ actor: 'policy-admin', command });
  const anchor: Step = { actor: 'device', command: { type: 'anchor-receipts', root, count: 1 } };
  const one = proposalOf(1n);
  const two = proposalOf(2n);
  const active = [propose(two), approve(two)];
  return {
    'a proposal below the head': { before: active, ...propose(one), code: 'VERSION_NOT_NEWER' },
    'a proposal of the head again': { before: active, ...propose(proposalOf(2n, 0xc2)), code: 'VERSION_NOT_NEWER' },
    'version zero': { ...propose(proposalOf(0n)), code: 'SCHEMA' },
    'a version past uint64': { ...propose(proposalOf(2n ** 64n)), code: 'SCHEMA' },
    'a version too far ahead': { before: active, ...propose(proposalOf(1003n)), code: 'VERSION_TOO_FAR' },
    'the last version of all': { ...propose(proposalOf(2n ** 64n - 1n)), code: 'VERSION_TOO_FAR' },
    'a revoked version': { before: [revoke(1n)], ...propose(one), code: 'REVOKED' },
    'the same proposal again': { before: [propose(one)], ...byAuthor(propose(one)), code: 'ALREADY_PROPOSED' },
    'the same proposal twice in a batch': { ...propose(one, one), code: 'ALREADY_PROPOSED' },
    'an empty batch of proposals': { ...propose(), code: 'EMPTY_BATCH' },
    'an empty batch of approvals': { ...approve(), code: 'EMPTY_BATCH' },
    'a proposal without a group': { ...propose({ ...one, group: bytes32Of(0) }), code: 'SCHEMA' },
    'an approval of nothing': { ...approve(one), code: 'NOT_FOUND' },
    'an approval of another digest': { before: [propose(one)], ...approve(proposalOf(1n, 0xc2)), code: 'NOT_FOUND' },
    'an approval of one’s own': { before: [byAuthor(propose(one))], ...byAuthor(approve(one)), code: 'OWN_PROPOSAL' },
    'a second approval by one account': {
      before: [
        { actor: 'admin', command: { type: 'set-approval-threshold', threshold: 2 } },
        propose(one),
        approve(one),
      ],
      ...approve(one),
      code: 'ALREADY_APPROVED',
    },
    'an approval after a newer one': { before: [propose(one), ...active], ...approve(one), code: 'VERSION_NOT_NEWER' },
    'an approval of a revoked one': { before: [propose(one), revoke(1n)], ...approve(one), code: 'REVOKED' },
    'a revocation below the head': { before: active, ...revoke(1n), code: 'VERSION_NOT_NEWER' },
    'a revocation of the farthest version': { ...revoke(1000n), code: 'VERSION_TOO_FAR' },
    'a second revocation': { before: [...active, revoke(2n)], ...revoke(2n), code: 'ALREADY_REVOKED' },
    'a threshold below zero': {
      actor: 'admin',
      command: { type: 'set-approval-threshold', threshold: -1 },
      code: 'SCHEMA',
    },
    'a second enrolment': { before: [enrol], ...enrol, code: 'ALREADY_ENROLLED' },
    'an enrolment after retirement': { before: [enrol, status('retired')], ...enrol, code: 'ALREADY_ENROLLED' },
    'a status of a stranger': { ...status('suspended'), code: 'NOT_ENROLLED' },
    'a status it has': { before: [enrol], ...status('active'), code: 'INVALID_TRANSITION' },
    'a change after retirement': {
      before: [enrol, status('retired')],
      ...status('active'),
      code: 'INVALID_TRANSITION',
    },
    'a grant of nothing': { ...policy({ ...grant, actions: [] }), code: 'INVALID_GRANT' },
    'a grant of the past': { ...policy({ ...grant, expiresAt: 1n }), code: 'INVALID_GRANT' },
    'a grant without a resource': { ...policy({ ...grant, resource: bytes32Of(0) }), code: 'INVALID_GRANT' },
    'a revocation of no grant': { ...policy({ type: 'revoke-grant', resource, subject: ANYONE }), code: 'NO_GRANT' },
    'anyone as a role': { ...policy({ ...member, role: ANYONE }), code: 'INVALID_GRANT' },
    'a membership of the past': { ...policy({ ...member, expiresAt: 1n }), code: 'INVALID_GRANT' },
    'a removal of no member': { ...policy({ type: 'remove-member', role, account }), code: 'NO_MEMBER' },
    'a removal of an expired grant twice': {
      before: [policy({ ...grant, expiresAt: NEVER }), policy({ type: 'revoke-grant', resource, subject: ANYONE })],
      ...policy({ type: 'revoke-grant', resource, subject: ANYONE }),
      code: 'NO_GRANT',
    },
    'receipts of a stranger': { ...anchor, code: 'NOT_ENROLLED' },
    'receipts of a suspended device': { before: [enrol, status('suspended')], ...anchor, code: 'SUSPENDED' },
    'receipts of a retired device': { before: [enrol, status('retired')], ...anchor, code: 'SUSPENDED' },
    'receipts anchored before': { before: [enrol, anchor], ...anchor, code: 'ALREADY_ANCHORED' },
    'an empty batch of receipts': {
      before: [enrol],
      actor: 'device',
      command: { type: 'anchor-receipts', root, count: 0 },
      code: 'EMPTY_BATCH',
    },
  };
}

/** A command of each type, well formed, that NOT_PERMITTED alone stops. */
function samples({ accounts }: TestTenant): readonly LedgerCommand[] {
  const account = accounts.stranger;
  const proposals = [proposalOf(1n)];
  return [
    { type: 'enrol-device', account, kind: 'edge', group, profile: undefined },
    { type: 'set-device-status', account, status: 'suspended' },
    { type: 'set-device-group', account, group },
    { type: 'set-device-profile', account, profile: undefined },
    { type: 'propose', proposals },
    { type: 'approve', proposals },
    { type: 'revoke', resource, version: 1n },
    { type: 'set-approval-threshold', threshold: 0 },
    { type: 'set-grant', resource, subject: ANYONE, actions: ['read'], offline: false, expiresAt: NEVER },
    { type: 'revoke-grant', resource, subject: ANYONE },
    { type: 'set-member', role, account, expiresAt: NEVER },
    { type: 'remove-member', role, account },
  ];
}

/** Every rule, by the code of its refusal. */
export function testRules(factory: LedgerFactory): void {
  describe('every rule', () => {
    const use = useTenant(factory);

    const submit = async (tenant: TestTenant, { actor, command }: Step): Promise<ErrorCode | undefined> => {
      const ledger = await tenant.openLedger(actor);
      try {
        await ledger.submit(command);
        return undefined;
      } catch (error) {
        if (hasCode(error)) return error.code;
        throw error;
      } finally {
        await ledger.close();
      }
    };

    test('refuses what breaks it, by its own code, and nothing changes', async () => {
      const wrong: string[] = [];
      const names = Object.keys(refusals(await use()));
      for (const name of names) {
        const tenant = await use();
        const refusal = refusals(tenant)[name];
        for (const step of refusal?.before ?? []) expect(await submit(tenant, step), name).toBeUndefined();
        const reader = await tenant.openLedger();
        const after = await reader.head();
        const code = refusal && (await submit(tenant, refusal));
        const events = await readEventsOf(reader, after);
        if (code !== refusal?.code || events.length > 0) wrong.push(`${name}: ${code ?? 'taken up'}`);
        await reader.close();
        await tenant.close();
      }
      expect(wrong).toEqual([]);
    });

    test('lets nobody act without the role, whatever other role they have', async () => {
      const tenant = await use();
      const wrong: string[] = [];
      for (const command of samples(tenant)) {
        for (const actor of actors) {
          const needed = roleNeeded[command.type];
          if (needed !== undefined && (castRoles[actor] as readonly string[]).includes(needed)) continue;
          const code = await submit(tenant, { actor, command });
          if (code !== 'NOT_PERMITTED') wrong.push(`${actor} ${command.type}: ${code ?? 'taken up'}`);
        }
      }
      expect(wrong).toEqual([]);
    });

    test('is the ledger’s: a read-only one has no key to break it with', async () => {
      const tenant = await use();
      const reader = await tenant.openLedger();
      expect(reader.account).toBeUndefined();
      await expect(reader.submit(revoke(1n).command)).rejects.toMatchObject({ code: 'KEY_MISSING' });
      await reader.close();
    });

    test('lets a batch in whole or not at all, where the ledger can', async () => {
      const tenant = await use();
      const writer = await tenant.openLedger('publisher');
      if (writer.supports.atomicBatches) {
        const after = await writer.head();
        const batch = propose(proposalOf(1n), proposalOf(2n), proposalOf(5000n)).command;
        await expect(writer.submit(batch)).rejects.toMatchObject({ code: 'VERSION_TOO_FAR' });
        expect(await readEventsOf(writer, after)).toEqual([]);
      }
      await writer.close();
    });
  });
}

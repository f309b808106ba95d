import { describe, expect, test } from 'vitest';
import { ANYONE, ANY_RESOURCE } from '../../core/ids.ts';
import type { LedgerChange } from '../../core/ledger/events.ts';
import type { Proposal } from '../../core/ledger/records.ts';
import { NEVER } from '../../core/policy.ts';
import { bytes32Of, digestOfByte, type Step } from './command-arbitrary.ts';
import { changeOf, readBatchesOf, readEventsOf } from './read-ledger.ts';
import { castRoles, type Actor, type LedgerFactory, type TestTenant } from './test-tenant.ts';
import { useTenant } from './use-tenant.ts';

/** A command and the changes that it must bring about, whole and in this order. */
type Exchange = Step & { readonly changes: readonly LedgerChange[] };

const resource = bytes32Of(0xa1);
const group = bytes32Of(0xb1);
const role = bytes32Of(0xd1);
const root = bytes32Of(0xf1);

function proposalOf(version: bigint): Proposal {
  return { resource, version, digest: digestOfByte(Number(version)), group };
}

/** Every command once or more, each standing on those before. */
function exchanges({ accounts }: TestTenant): readonly Exchange[] {
  const { device, stranger, publisher, author, approver, approver2, revoker } = accounts;
  const [first, second, third] = [proposalOf(1n), proposalOf(2n), proposalOf(3n)];
  const profile = digestOfByte(0xe1);
  return [
    enrolment({ account: device, kind: 'edge', group, profile }),
    enrolment({ account: stranger, kind: 'witness', group: bytes32Of(0), profile: undefined }),
    same('registrar', { type: 'set-device-group', account: device, group: bytes32Of(0xb2) }, 'device-group-changed'),
    same('registrar', { type: 'set-device-profile', account: device, profile: undefined }, 'device-profile-changed'),
    same('registrar', { type: 'set-device-profile', account: device, profile }, 'device-profile-changed'),
    {
      actor: 'publisher',
      command: { type: 'propose', proposals: [first] },
      changes: [{ type: 'configuration-proposed', ...first, proposer: publisher }],
    },
    {
      actor: 'author',
      command: { type: 'propose', proposals: [second, third] },
      changes: [
        { type: 'configuration-proposed', ...second, proposer: author },
        { type: 'configuration-proposed', ...third, proposer: author },
      ],
    },
    {
      actor: 'approver',
      command: { type: 'approve', proposals: [first, second] },
      changes: [
        { type: 'configuration-approved', ...first, approver },
        { type: 'configuration-approved', ...second, approver },
      ],
    },
    {
      actor: 'approver2',
      command: { type: 'approve', proposals: [second] },
      changes: [
        { type: 'configuration-approved', ...second, approver: approver2 },
        { type: 'configuration-activated', ...second },
      ],
    },
    same('admin', { type: 'set-approval-threshold', threshold: 0 }, 'approval-threshold-changed'),
    {
      actor: 'publisher',
      command: { type: 'propose', proposals: [proposalOf(4n)] },
      changes: [
        { type: 'configuration-proposed', ...proposalOf(4n), proposer: publisher },
        { type: 'configuration-activated', ...proposalOf(4n) },
      ],
    },
    {
      actor: 'revoker',
      command: { type: 'revoke', resource, version: 4n },
      changes: [{ type: 'version-revoked', resource, version: 4n, by: revoker }],
    },
    {
      actor: 'revoker',
      command: { type: 'revoke', resource, version: 6n },
      changes: [{ type: 'version-revoked', resource, version: 6n, by: revoker }],
    },
    granted({ resource, subject: role, actions: ['read', 'manage'], offline: true, expiresAt: 4_000_000_000n }),
    granted({ resource: ANY_RESOURCE, subject: ANYONE, actions: ['read'], offline: false, expiresAt: NEVER }),
    same('policy-admin', { type: 'revoke-grant', resource, subject: role }, 'grant-revoked'),
    same('policy-admin', { type: 'set-member', role, account: stranger, expiresAt: NEVER }, 'member-set'),
    same('policy-admin', { type: 'remove-member', role, account: stranger }, 'member-removed'),
    {
      actor: 'device',
      command: { type: 'anchor-receipts', root, count: 7 },
      changes: [{ type: 'receipts-anchored', device, root, count: 7 }],
    },
    same('registrar', { type: 'set-device-status', account: device, status: 'suspended' }, 'device-status-changed'),
    same('registrar', { type: 'set-device-status', account: device, status: 'active' }, 'device-status-changed'),
    same('registrar', { type: 'set-device-status', account: device, status: 'retired' }, 'device-status-changed'),
  ];
}

function enrolment(device: Omit<Extract<LedgerChange, { type: 'device-enrolled' }>, 'type'>): Exchange {
  return {
    actor: 'registrar',
    command: { type: 'enrol-device', ...device },
    changes: [{ type: 'device-enrolled', ...device }],
  };
}

function granted(grant: Omit<Extract<LedgerChange, { type: 'grant-set' }>, 'type'>): Exchange {
  return {
    actor: 'policy-admin',
    command: { type: 'set-grant', ...grant },
    changes: [{ type: 'grant-set', ...grant }],
  };
}

/** A command whose change has its very fields. */
function same(actor: Actor, command: Step['command'], type: LedgerChange['type']): Exchange {
  return { actor, command, changes: [{ ...command, type } as LedgerChange] };
}

/** Every command and what it brings about. */
export function testCommands(factory: LedgerFactory): void {
  describe('every command', () => {
    const use = useTenant(factory);

    test('brings about its changes, in the block and transaction that submit answered', async () => {
      const tenant = await use({ approvalThreshold: 2 });
      const reader = await tenant.openLedger();
      let { block: last } = { block: await reader.head() };
      for (const { actor, command, changes } of exchanges(tenant)) {
        const writer = await tenant.openLedger(actor);
        const { transaction, block } = await writer.submit(command);
        const events = await readEventsOf(reader, last);
        expect(events.map(changeOf)).toEqual(changes);
        for (const { at } of events) expect(at).toMatchObject({ height: block.height, time: block.time, transaction });
        last = await reader.head();
        expect(last.height).toBeGreaterThanOrEqual(block.height);
        await writer.close();
      }
      await reader.close();
    });

    test('stands in the first events who governs, and the threshold', async () => {
      const tenant = await use({ approvalThreshold: 2 });
      const reader = await tenant.openLedger();
      const events = await readEventsOf(reader);
      expect(events.map(changeOf)).toContainEqual({ type: 'approval-threshold-changed', threshold: 2 });
      const held = new Set<string>();
      for (const event of events) {
        if (event.type === 'governance-granted') held.add(`${event.role} ${event.account}`);
        if (event.type === 'governance-revoked') held.delete(`${event.role} ${event.account}`);
      }
      const cast = Object.entries(castRoles).flatMap(([actor, roles]) =>
        roles.map((one) => `${one} ${tenant.accounts[actor as Actor]}`),
      );
      expect([...held].sort()).toEqual(cast.sort());
      await reader.close();
    });

    test('concurrent ones of one account all land, in the order of the calls', async () => {
      const tenant = await use();
      const writer = await tenant.openLedger('registrar');
      const after = await writer.head();
      const numbers = Array.from({ length: 50 }, (_, index) => index + 1);
      const enrol = (index: number): Step['command'] => ({
        type: 'enrol-device',
        account: `0x${index.toString(16).padStart(40, '0')}`,
        kind: 'edge',
        group,
        profile: undefined,
      });
      const submitted = await Promise.all(numbers.map((index) => writer.submit(enrol(index))));
      expect(new Set(submitted.map(({ transaction }) => transaction)).size).toBe(50);
      const enrolled = await readEventsOf(writer, after);
      expect(enrolled.map((event) => 'account' in event && Number(event.account))).toEqual(numbers);
      await writer.close();
    });

    test('concurrent ones may stand on each other', async () => {
      const tenant = await use();
      const writer = await tenant.openLedger('registrar');
      const account = tenant.accounts.device;
      const results = await Promise.allSettled([
        writer.submit({ type: 'enrol-device', account, kind: 'edge', group, profile: undefined }),
        writer.submit({ type: 'enrol-device', account, kind: 'dew', group, profile: undefined }),
        writer.submit({ type: 'set-device-status', account, status: 'retired' }),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      await writer.close();
    });

    test('reads the same through a ledger opened afresh', async () => {
      const tenant = await use();
      const writer = await tenant.openLedger('publisher');
      await writer.submit({ type: 'propose', proposals: [proposalOf(1n), proposalOf(2n)] });
      const other = await tenant.openLedger();
      expect(await readBatchesOf(other)).toEqual(await readBatchesOf(writer));
      expect(await other.identity()).toEqual(await writer.identity());
      await writer.close();
      await other.close();
    });
  });
}

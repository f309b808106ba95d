import { ANYONE, ANY_RESOURCE, accountSubject } from '../../../core/ids.ts';
import { NEVER, type Action } from '../../../core/policy.ts';
import { NOW } from '../../support/test-bundles.ts';
import { device, resources, role } from '../../support/test-registry.ts';
import type { Draft, Family } from '../make/draft.ts';
import { factsBundle, type Absent, type Facts } from '../make/facts.ts';

const [climate, other] = resources;
const caller = `0x${'ee'.repeat(20)}` as const;
const stranger = `0x${'ef'.repeat(20)}` as const;
type Grant = NonNullable<Facts['grants']>[number];
const grant = (rest: Partial<Grant> = {}): Grant => ({
  resource: climate,
  subject: accountSubject(caller),
  actions: ['read'],
  offline: false,
  expiresAt: NEVER,
  ...rest,
});
const asRole = { grants: [grant({ subject: role })], members: [{ role, account: caller, until: NEVER }] };

const call = (
  name: string,
  attack: string,
  expect: string,
  facts: Facts,
  {
    account = caller,
    resource = climate,
    action = 'read',
    told,
    absent,
  }: { account?: `0x${string}` | null; resource?: string; action?: Action; told?: Facts; absent?: Absent } = {},
): Draft => ({
  name,
  attack,
  expect,
  call: { ...(account !== null && { account }), resource, action },
  bundle: factsBundle(facts, { ...(told && { told }), ...(absent && { absent }) }),
});

/** Calls on a device that knows its policies from a bundle. */
export const accessFamily: Family = {
  family: 'access',
  about: 'Who may call, by what a bundle proves: what it leaves out lets nobody in.',
  source: 'deny by default',
  drafts: [
    call('granted', 'None.', 'ok', { grants: [grant()] }),
    call(
      'granted-to-anyone',
      'None: an unsigned call.',
      'ok',
      { grants: [grant({ subject: ANYONE })] },
      { account: null },
    ),
    call('granted-on-every-resource', 'None.', 'ok', { grants: [grant({ resource: ANY_RESOURCE })] }),
    call('granted-to-a-role', 'None.', 'ok', asRole),
    call('granted-until-the-next-second', 'None.', 'ok', { grants: [grant({ expiresAt: NOW + 1n })] }),
    call('member-until-the-next-second', 'None.', 'ok', {
      ...asRole,
      members: [{ role, account: caller, until: NOW + 1n }],
    }),
    call('a-stranger', 'Someone calls whom no grant names.', 'FORBIDDEN', { grants: [grant()] }, { account: stranger }),
    call(
      'unsigned',
      'An unsigned call where an account is granted.',
      'UNAUTHENTICATED',
      { grants: [grant()] },
      { account: null },
    ),
    call('unsigned-where-a-role-is-granted', 'An unsigned call where a role is granted.', 'UNAUTHENTICATED', asRole, {
      account: null,
    }),
    call(
      'another-action',
      'A grant to read is used to write.',
      'FORBIDDEN',
      { grants: [grant()] },
      { action: 'write' },
    ),
    call('read-by-a-grant-to-write', 'A grant to write does not let its holder read.', 'FORBIDDEN', {
      grants: [grant({ actions: ['write', 'invoke', 'manage'] })],
    }),
    call(
      'another-resource',
      'A grant on one resource is used on another.',
      'FORBIDDEN',
      { grants: [grant()] },
      { resource: other },
    ),
    call('lapsed', 'A grant that lapsed this second.', 'FORBIDDEN', { grants: [grant({ expiresAt: NOW })] }),
    call('lapsed-long-ago', 'A grant that lapsed at the epoch.', 'FORBIDDEN', { grants: [grant({ expiresAt: 0n })] }),
    call('offline-does-not-outlive-its-expiry', 'A lapsed grant that is marked offline.', 'FORBIDDEN', {
      grants: [grant({ expiresAt: NOW, offline: true })],
    }),
    call('no-member', 'A role is granted, of which the caller was never a member.', 'FORBIDDEN', asRole, {
      account: stranger,
    }),
    call('a-lapsed-member', 'A membership that lapsed this second.', 'FORBIDDEN', {
      ...asRole,
      members: [{ role, account: caller, until: NOW }],
    }),
    call('member-of-a-role-that-is-not-granted', 'A member of a role that no grant names.', 'FORBIDDEN', {
      members: asRole.members,
    }),
    call('membership-left-out', 'The bundle leaves the membership out.', 'FORBIDDEN', asRole, {
      told: { grants: asRole.grants },
    }),
    call(
      'grant-left-out',
      'The bundle leaves the grant out: that refuses a caller, and lets nobody in.',
      'FORBIDDEN',
      { grants: [grant()] },
      { told: {} },
    ),
    call(
      'grant-revoked',
      'The grant is proved to be gone.',
      'FORBIDDEN',
      {},
      { absent: { grants: [{ resource: climate, subject: accountSubject(caller) }] } },
    ),
    call(
      'the-wildcards-member',
      'An account calls that is a member of a role named as the account is padded.',
      'FORBIDDEN',
      {
        grants: [grant({ subject: accountSubject(stranger) })],
        members: [{ role: accountSubject(stranger), account: caller, until: NEVER }],
      },
    ),
    call('member-of-anyone', 'A membership in the role of “anyone”, of a grant that has lapsed.', 'FORBIDDEN', {
      grants: [grant({ subject: ANYONE, expiresAt: 1n })],
      members: [{ role: ANYONE, account: caller, until: NEVER }],
    }),
    call('grant-to-the-device', 'The device’s own grant is used by someone else.', 'FORBIDDEN', {
      grants: [grant({ subject: accountSubject(device) })],
    }),
  ],
};

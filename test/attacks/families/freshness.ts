import { ANYONE, ANY_RESOURCE, accountSubject } from '../../../core/ids.ts';
import { NEVER, type Action } from '../../../core/policy.ts';
import { defaultFreshness } from '../../../core/state/anchor.ts';
import { HEIGHT } from '../../support/test-bundles.ts';
import { group, resources, role } from '../../support/test-registry.ts';
import type { Draft, Family } from '../make/draft.ts';
import { agingGrant, CALLER } from '../make/aging.ts';
import { factsBundle, type Absent, type Facts } from '../make/facts.ts';

const [climate, other] = resources;
const caller = CALLER;
const time = 1_700_000_000n + HEIGHT;
const [stale, frozen] = [BigInt(defaultFreshness.staleAfter), BigInt(defaultFreshness.maxStaleness)];
const grant = agingGrant;
const granted = { grants: [grant()] };
const offline = { grants: [grant({ offline: true })] };
const asRole = { grants: [grant({ subject: role })], members: [{ role, account: caller, until: NEVER }] };

interface Asked extends Partial<Draft> {
  readonly account?: `0x${string}` | null;
  readonly action?: Action;
  readonly facts?: Facts;
  readonly told?: Facts;
  readonly absent?: Absent;
  /** How much higher than the usual block. */
  readonly above?: bigint;
}

/** A call `age` seconds after a quorum vouched for the policies' block. */
const aged = (
  name: string,
  attack: string,
  expect: string,
  age: bigint,
  { account = caller, action = 'write', facts = granted, told, absent, above = 0n, ...rest }: Asked = {},
): Draft => ({
  name,
  attack,
  expect,
  now: time + age,
  call: { ...(account !== null && { account }), resource: climate, action, aged: true },
  bundle: factsBundle(facts, { ...(told && { told }), ...(absent && { absent }), height: HEIGHT + above }),
  ...rest,
});
const olderBy = (seconds: bigint, facts: Facts = granted) => factsBundle(facts, { height: HEIGHT - seconds });

const record = {
  resource: climate,
  version: 3n,
  digest: `sha256:${'aa'.repeat(32)}`,
  group,
  status: 'active',
} as const;

/** How long policies count once no quorum vouches for them any more. */
export const freshnessFamily: Family = {
  family: 'freshness',
  about:
    'Calls by grants that grow old: FRESH below staleAfter, FROZEN past maxStaleness, STALE in between. A fact is as old as the newest block that proved it.',
  source: 'TUF: freeze attack',
  drafts: [
    aged('fresh', 'None: vouched for this second.', 'ok', 0n),
    aged('the-last-fresh-second', 'None: a second younger than staleAfter.', 'ok', stale - 1n),
    aged('the-first-stale-second', 'A grant to write whose age is staleAfter.', 'FREEZE', stale),
    aged('stale-invoke', 'A stale grant to invoke.', 'FREEZE', stale, { action: 'invoke' }),
    aged('stale-manage', 'A stale grant to manage.', 'FREEZE', stale, { action: 'manage' }),
    aged('stale-read', 'None: reading goes on.', 'ok', stale, { action: 'read' }),
    aged('the-last-stale-second', 'None: reading at the age of maxStaleness.', 'ok', frozen, { action: 'read' }),
    aged('the-first-frozen-second', 'Reading a second past maxStaleness.', 'FREEZE', frozen + 1n, { action: 'read' }),
    aged('frozen-write', 'Writing a second past maxStaleness.', 'FREEZE', frozen + 1n),
    aged('frozen-for-ten-years', 'Reading after ten years without a proof.', 'FREEZE', 3_650n * 86_400n, {
      action: 'read',
    }),
    aged('offline-and-stale', 'None: the grant is marked offline.', 'ok', stale, { facts: offline }),
    aged('offline-and-frozen', 'None: the grant is marked offline.', 'ok', frozen + 1n, { facts: offline }),
    aged('offline-and-lapsed', 'A grant marked offline that lapsed meanwhile.', 'FORBIDDEN', frozen + 1n, {
      facts: { grants: [grant({ offline: true, expiresAt: time + frozen })] },
    }),
    aged(
      'offline-of-another-action',
      'The grant that is marked offline is to read, the stale one to write.',
      'FREEZE',
      stale,
      {
        facts: {
          grants: [grant({ subject: ANYONE, actions: ['read'], offline: true }), grant({ actions: ['write'] })],
        },
      },
    ),
    aged('offline-on-another-resource', 'The grant that is marked offline is on another resource.', 'FREEZE', stale, {
      facts: { grants: [grant(), grant({ resource: other, offline: true })] },
    }),
    aged('offline-on-every-resource', 'None: a grant on every resource is marked offline.', 'ok', frozen + 1n, {
      facts: { grants: [grant(), grant({ resource: ANY_RESOURCE, offline: true })] },
    }),
    aged('offline-to-a-role', 'None: the role’s grant is marked offline, and its members with it.', 'ok', frozen + 1n, {
      facts: { ...asRole, grants: [grant({ subject: role, offline: true })] },
    }),
    aged(
      'offline-to-a-lapsed-member',
      'A membership that lapsed, of a grant marked offline.',
      'FORBIDDEN',
      frozen + 1n,
      {
        facts: {
          grants: [grant({ subject: role, offline: true })],
          members: [{ role, account: caller, until: time + frozen }],
        },
      },
    ),
    aged('a-role-and-stale', 'Writing as the member of a role.', 'FREEZE', stale, { facts: asRole }),
    aged('a-role-and-fresh', 'None: writing as the member of a role.', 'ok', stale - 1n, { facts: asRole }),
    aged(
      'nothing-granted-and-frozen',
      'A caller without a grant is told so, however old that is.',
      'FORBIDDEN',
      frozen + 1n,
      {
        facts: { grants: [grant({ subject: accountSubject(`0x${'ef'.repeat(20)}`) })] },
      },
    ),
    aged('unsigned-and-stale', 'None: anyone may read.', 'ok', stale, {
      account: null,
      action: 'read',
      facts: { grants: [grant({ subject: ANYONE })] },
    }),
    aged(
      'unsigned-and-frozen',
      'Anyone may read, by a grant that is too old: signing would not help.',
      'FREEZE',
      frozen + 1n,
      {
        account: null,
        action: 'read',
        facts: { grants: [grant({ subject: ANYONE })] },
      },
    ),
    aged('a-clock-behind', 'None: a clock that is five minutes behind the block makes nothing old.', 'ok', -300n),
    aged('no-clock', 'None that could be seen without a clock.', 'ok', 0n, { now: 0n }),
    aged('frozen-before-stale', 'An anchor whose facts freeze before they are stale.', 'FREEZE', 61n, {
      action: 'read',
      patch: { staleAfter: 3_600, maxStaleness: 60 },
    }),
    aged('stale-after-a-second', 'An anchor whose facts are stale after a second.', 'FREEZE', 1n, {
      patch: { staleAfter: 1 },
    }),
    aged('refreshed', 'None: a newer block proves the grant again.', 'ok', stale, {
      above: 1n,
      kept: [olderBy(0n)],
    }),
    aged('left-out-of-a-newer-block', 'A new head that leaves the grant out does not make it young.', 'FREEZE', stale, {
      above: 1n,
      facts: { grants: [grant(), grant({ resource: other })] },
      told: { grants: [grant({ resource: other })] },
      kept: [olderBy(0n)],
    }),
    aged(
      'left-out-of-a-newer-block-of-the-same-root',
      'None: the registry is the same, so that the grant stands.',
      'ok',
      stale,
      {
        above: 1n,
        told: {},
        kept: [olderBy(0n)],
      },
    ),
    aged('revoked-in-a-newer-block', 'A grant that the newest block proves to be gone.', 'FORBIDDEN', 1n, {
      above: 1n,
      facts: {},
      absent: { grants: [{ resource: climate, subject: accountSubject(caller) }] },
      kept: [olderBy(0n)],
    }),
    aged('left-out-beside-what-anyone-may', 'Who tells what anyone may tells of all grants on it.', 'FORBIDDEN', 1n, {
      above: 1n,
      facts: {},
      absent: { grants: [{ resource: climate, subject: ANYONE }] },
      kept: [olderBy(0n)],
    }),
    aged('narrowed-in-a-newer-block', 'A grant that the newest block narrows to reading.', 'FORBIDDEN', 1n, {
      above: 1n,
      facts: { grants: [grant({ actions: ['read'] })] },
      kept: [olderBy(0n)],
    }),
    aged(
      'widened-by-an-older-block',
      'An older block comes after a newer one that took the grant away.',
      'FORBIDDEN',
      1n,
      {
        facts: {},
        absent: { grants: [{ resource: climate, subject: accountSubject(caller) }] },
        kept: [olderBy(1n), olderBy(2n)],
      },
    ),
    aged(
      'a-membership-left-out',
      'A new head proves the role’s grant and leaves out that the caller is no member.',
      'FORBIDDEN',
      1n,
      {
        above: 1n,
        facts: { grants: asRole.grants },
        absent: { grants: [{ resource: ANY_RESOURCE, subject: ANYONE }] },
        kept: [olderBy(0n, asRole)],
      },
    ),
    aged(
      'an-old-membership-of-a-young-grant',
      'A new head proves the grant and is silent on the membership, which is stale.',
      'FREEZE',
      stale,
      {
        above: 1n,
        facts: { ...asRole, grants: [...asRole.grants, grant({ resource: other })] },
        told: { grants: asRole.grants },
        kept: [olderBy(0n, asRole)],
      },
    ),
    aged(
      'a-young-membership-of-an-old-grant',
      'A new head proves the membership and is silent on the grant, which is stale.',
      'FREEZE',
      stale,
      {
        above: 1n,
        facts: { ...asRole, grants: [...asRole.grants, grant({ resource: other })] },
        told: { members: asRole.members },
        kept: [olderBy(0n, asRole)],
      },
    ),
    {
      name: 'a-record-left-out-beside-what-anyone-may',
      attack: 'None: who tells of all grants does not tell of all records.',
      expect: 'ok',
      now: time + 1n,
      bundle: factsBundle(
        {},
        { absent: { grants: [{ resource: ANY_RESOURCE, subject: ANYONE }] }, height: HEIGHT + 1n },
      ),
      kept: [olderBy(0n, { heads: [record] })],
      proves: { records: { [climate]: { version: '3', digest: record.digest, group, status: 'active' } } },
    },
  ],
};

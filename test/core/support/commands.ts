import fc from 'fast-check';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { deviceKinds, deviceStatuses, type Proposal } from '../../../core/ledger/records.ts';
import { ANYONE, ANY_RESOURCE, accountSubject } from '../../../core/ids.ts';
import { actions } from '../../../core/policy.ts';
import { digests, groups, people, resources, roles } from './tenant.ts';

const person = fc.constantFrom(...people);
const resource = fc.constantFrom(...resources);
const group = fc.constantFrom(...groups);
const profile = fc.option(fc.constantFrom(...digests), { nil: undefined });
const version = fc.bigInt({ min: 1n, max: 4n });
const subject = mostlyFirst([ANYONE, ...roles, ...people.map(accountSubject)]);
const grantable = mostlyFirst([ANY_RESOURCE, ...resources]);
const expiresAt = fc.bigInt({ min: 900n, max: 3_000n });

const proposal: fc.Arbitrary<Proposal> = fc.record({
  resource,
  version,
  digest: mostlyFirst(digests),
  group: mostlyFirst(groups),
});

const proposals = fc.oneof(
  { weight: 3, arbitrary: proposal.map((one) => [one]) },
  fc.array(proposal, { minLength: 2, maxLength: 3 }),
);

/** One of `values`, the first four times as often, so that approvals meet their proposals. */
function mostlyFirst<Value>(values: readonly Value[]): fc.Arbitrary<Value> {
  const [first, ...rest] = values.map((value) => fc.constant(value));
  if (first === undefined) throw new TypeError('expected values');
  return fc.oneof({ weight: 4, arbitrary: first }, ...rest);
}

/** Few names, so that commands meet each other's effects; not all make sense when their turn comes. */
export const commands: fc.Arbitrary<LedgerCommand> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('propose' as const), proposals }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('approve' as const), proposals }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('revoke' as const), resource, version }) },
  fc.record({ type: fc.constant('set-approval-threshold' as const), threshold: fc.nat(2) }),
  fc.record({
    type: fc.constant('enrol-device' as const),
    account: person,
    kind: fc.constantFrom(...deviceKinds),
    group,
    profile,
  }),
  fc.record({
    type: fc.constant('set-device-status' as const),
    account: person,
    status: fc.constantFrom(...deviceStatuses),
  }),
  fc.record({ type: fc.constant('set-device-group' as const), account: person, group }),
  fc.record({ type: fc.constant('set-device-profile' as const), account: person, profile }),
  fc.record({
    type: fc.constant('set-grant' as const),
    resource: grantable,
    subject,
    actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
    offline: fc.boolean(),
    expiresAt,
  }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('revoke-grant' as const), resource: grantable, subject }) },
  fc.record({ type: fc.constant('set-member' as const), role: fc.constantFrom(...roles), account: person, expiresAt }),
  fc.record({ type: fc.constant('remove-member' as const), role: fc.constantFrom(...roles), account: person }),
  fc.record({
    type: fc.constant('anchor-receipts' as const),
    root: fc.constantFrom(...resources),
    count: fc.integer({ min: 1, max: 9 }),
  }),
);

/** What people ask for, in order. */
export const scripts = fc.array(fc.tuple(person, commands), { maxLength: 60, size: 'max' });

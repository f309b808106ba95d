import fc from 'fast-check';
import type { Account } from '../../core/account.ts';
import type { Bytes32, Digest } from '../../core/digest.ts';
import { ANYONE, ANY_RESOURCE, accountSubject } from '../../core/ids.ts';
import type { LedgerCommand } from '../../core/ledger/commands.ts';
import { deviceKinds, deviceStatuses, type Proposal } from '../../core/ledger/records.ts';
import { actions, NEVER } from '../../core/policy.ts';
import { actors, type Actor } from './test-tenant.ts';

/** A command and who asks for it. */
export interface Step {
  readonly actor: Actor;
  readonly command: LedgerCommand;
}

/** 32 bytes that are all `byte`. */
export function bytes32Of(byte: number): Bytes32 {
  return `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;
}

/** A digest whose bytes are all `byte`. */
export function digestOfByte(byte: number): Digest {
  return `sha256:${byte.toString(16).padStart(2, '0').repeat(32)}`;
}

/** 2096: to come on every ledger. */
const LATER = 4_000_000_000n;

/** Few of everything, so that random commands meet: most rules are about what was there before. */
const resource = fc.constantFrom(bytes32Of(0xa1), bytes32Of(0xa2));
const group = fc.constantFrom(bytes32Of(0xb1), bytes32Of(0xb2), bytes32Of(0));
const version = fc.constantFrom(0n, 1n, 1n, 2n, 2n, 3n, 1000n, 1001n, 1002n, 2n ** 64n - 1n);
const digest = fc.constantFrom(digestOfByte(0xc1), digestOfByte(0xc1), digestOfByte(0xc2), digestOfByte(0));
const role = fc.constantFrom(bytes32Of(0xd1), bytes32Of(0xd2), ANYONE);
const expiresAt = fc.constantFrom(0n, 1n, LATER, LATER, NEVER);
const proposal: fc.Arbitrary<Proposal> = fc.record({ resource, version, digest, group });
const proposals = fc.oneof(
  { arbitrary: fc.array(proposal, { minLength: 1, maxLength: 1 }), weight: 4 },
  fc.array(proposal, { maxLength: 3 }),
);

/** Commands that make sense often enough, as often by who may as by who may not. */
export function stepArbitrary(accounts: Readonly<Record<Actor, Account>>): fc.Arbitrary<Step> {
  const account = fc.constantFrom(accounts.device, accounts.stranger, `0x${'00'.repeat(20)}` as const);
  const subject = fc.constantFrom(ANYONE, bytes32Of(0xd1), bytes32Of(0), accountSubject(accounts.stranger));
  const anyResource = fc.oneof(resource, fc.constantFrom(ANY_RESOURCE, bytes32Of(0)));
  const profile = fc.constantFrom(undefined, digestOfByte(0xe1));
  const by = (usual: Actor, command: fc.Arbitrary<LedgerCommand>): fc.Arbitrary<Step> =>
    fc.record({
      actor: fc.oneof({ arbitrary: fc.constant(usual), weight: 8 }, fc.constantFrom(...actors)),
      command,
    });
  return fc.oneof(
    by(
      'registrar',
      fc.record({ type: fc.constant('enrol-device'), account, kind: fc.constantFrom(...deviceKinds), group, profile }),
    ),
    by(
      'registrar',
      fc.record({ type: fc.constant('set-device-status'), account, status: fc.constantFrom(...deviceStatuses) }),
    ),
    by('registrar', fc.record({ type: fc.constant('set-device-group'), account, group })),
    by('registrar', fc.record({ type: fc.constant('set-device-profile'), account, profile })),
    { arbitrary: by('publisher', fc.record({ type: fc.constant('propose'), proposals })), weight: 3 },
    by('author', fc.record({ type: fc.constant('propose'), proposals })),
    { arbitrary: by('approver', fc.record({ type: fc.constant('approve'), proposals })), weight: 3 },
    { arbitrary: by('author', fc.record({ type: fc.constant('approve'), proposals })), weight: 2 },
    by('revoker', fc.record({ type: fc.constant('revoke'), resource, version })),
    by(
      'admin',
      fc.record({ type: fc.constant('set-approval-threshold'), threshold: fc.constantFrom(0, 1, 2, -1, 0.5, 2 ** 32) }),
    ),
    by(
      'policy-admin',
      fc.record({
        type: fc.constant('set-grant'),
        resource: anyResource,
        subject,
        actions: fc.subarray([...actions]),
        offline: fc.boolean(),
        expiresAt,
      }),
    ),
    by('policy-admin', fc.record({ type: fc.constant('revoke-grant'), resource: anyResource, subject })),
    by('policy-admin', fc.record({ type: fc.constant('set-member'), role, account, expiresAt })),
    by('policy-admin', fc.record({ type: fc.constant('remove-member'), role, account })),
    by(
      'device',
      fc.record({
        type: fc.constant('anchor-receipts'),
        root: fc.constantFrom(bytes32Of(0), bytes32Of(0xf1), bytes32Of(0xf2)),
        count: fc.constantFrom(0, 1, 7),
      }),
    ),
  );
}

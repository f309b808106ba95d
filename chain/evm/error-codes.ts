import type { ErrorCode } from '../../core/errors.ts';
import type { accessManagerAbi } from './generated/access-manager.ts';
import type { registryAbi } from './generated/registry.ts';

type Entry = { readonly type: string; readonly name?: string };
type ErrorName<Abi extends readonly Entry[]> = Extract<
  Abi[number],
  { readonly type: 'error'; readonly name: string }
>['name'];

/** A custom error of the registry or its access manager. */
export type ContractError = ErrorName<typeof registryAbi> | ErrorName<typeof accessManagerAbi>;

/** What a custom error means: our code, and what happened with what to do next. */
export interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
}

const delayed = 'It takes effect only after a delay: schedule it with the access manager, then execute it.';
const managerAlone = 'This can be asked of the access manager alone; use its own interface.';

/** Every custom error that the contracts can answer with; the types hold it complete. */
export const contractErrors: Readonly<Record<ContractError, Meaning>> = {
  // Devices
  ZeroAccount: { code: 'SCHEMA', message: 'The zero address is no device; name an account.' },
  UnknownKind: { code: 'SCHEMA', message: 'The registry knows no such kind of device; name another.' },
  AlreadyEnrolled: { code: 'ALREADY_ENROLLED', message: 'The account is or was a device; enrol it with another key.' },
  NotEnrolled: { code: 'NOT_ENROLLED', message: 'The account is no device; enrol it first.' },
  DeviceIsRetired: { code: 'INVALID_TRANSITION', message: 'The device is retired for good; enrol another account.' },
  InvalidStatus: { code: 'INVALID_TRANSITION', message: 'The device has that status already, or never can; read it.' },
  // Configurations
  ZeroResource: { code: 'SCHEMA', message: 'The zero id is no resource; name one.' },
  IncompleteProposal: { code: 'SCHEMA', message: 'A proposal names a document and a group; complete it.' },
  NoProposals: { code: 'EMPTY_BATCH', message: 'A batch has at least one proposal; fill it.' },
  VersionNotNewer: { code: 'VERSION_NOT_NEWER', message: 'A version as new stands already; take a newer one.' },
  VersionTooFar: { code: 'VERSION_TOO_FAR', message: 'The version is too far ahead of the active one; take a nearer.' },
  VersionIsRevoked: { code: 'REVOKED', message: 'The version is revoked for good; take a newer one.' },
  AlreadyProposed: { code: 'ALREADY_PROPOSED', message: 'This very proposal was made before; have it approved.' },
  UnknownProposal: { code: 'NOT_FOUND', message: 'Nobody proposed this; check resource, version, digest and group.' },
  OwnProposal: { code: 'OWN_PROPOSAL', message: 'Nobody approves a proposal of their own; ask another approver.' },
  AlreadyApproved: { code: 'ALREADY_APPROVED', message: 'This account approved it before; ask another approver.' },
  NotInPerson: { code: 'NOT_PERMITTED', message: 'This must be called in person, not through the access manager.' },
  // Policies
  IncompleteGrant: { code: 'INVALID_GRANT', message: 'A grant names a resource and a subject; complete it.' },
  InvalidActions: { code: 'INVALID_GRANT', message: 'A grant permits read, write, invoke or manage; name one.' },
  AlreadyExpired: { code: 'INVALID_GRANT', message: 'It would have ended before it began; give a time to come.' },
  UnknownGrant: { code: 'NO_GRANT', message: 'There is no such grant; list the grants of the resource.' },
  InvalidRole: { code: 'INVALID_GRANT', message: 'A role is neither anyone nor an account; name a role.' },
  ZeroMember: { code: 'INVALID_GRANT', message: 'The zero address can be no member; name an account.' },
  UnknownMember: { code: 'NO_MEMBER', message: 'The account is no member of that role; check the role.' },
  // Receipts
  NotActiveDevice: { code: 'NOT_ENROLLED', message: 'Only a device anchors receipts; enrol the account first.' },
  EmptyBatch: { code: 'EMPTY_BATCH', message: 'A batch has a root and at least one receipt; fill it.' },
  AlreadyAnchored: { code: 'ALREADY_ANCHORED', message: 'This root was anchored before; nothing is left to do.' },
  // Who may call (AccessManaged, AccessManager)
  AccessManagedUnauthorized: { code: 'NOT_PERMITTED', message: 'The account lacks the role; ask an admin for it.' },
  AccessManagedRequiredDelay: { code: 'NOT_PERMITTED', message: delayed },
  AccessManagedInvalidAuthority: { code: 'LEDGER_REJECTED', message: 'No access manager stands there; deploy one.' },
  AccessManagerNotScheduled: { code: 'NOT_PERMITTED', message: delayed },
  AccessManagerNotReady: { code: 'NOT_PERMITTED', message: 'Its delay is not over; execute it later.' },
  AccessManagerExpired: { code: 'NOT_PERMITTED', message: 'It was scheduled too long ago; schedule it anew.' },
  AccessManagerAlreadyScheduled: { code: 'LEDGER_REJECTED', message: 'It is scheduled already; wait for its time.' },
  AccessManagerUnauthorizedAccount: { code: 'NOT_PERMITTED', message: 'The account is no admin; ask one.' },
  AccessManagerUnauthorizedCall: { code: 'NOT_PERMITTED', message: 'The account may not call this, or not so soon.' },
  AccessManagerUnauthorizedCancel: {
    code: 'NOT_PERMITTED',
    message: 'Only a guardian, an admin or its author cancels.',
  },
  AccessManagerUnauthorizedConsume: { code: 'NOT_PERMITTED', message: managerAlone },
  AccessManagerBadConfirmation: {
    code: 'LEDGER_REJECTED',
    message: 'An account renounces its own roles alone; sign as that account.',
  },
  AccessManagerInvalidInitialAdmin: { code: 'LEDGER_REJECTED', message: 'A manager needs a first admin; name one.' },
  AccessManagerLockedFunction: { code: 'LEDGER_REJECTED', message: managerAlone },
  AccessManagerLockedRole: { code: 'LEDGER_REJECTED', message: 'The roles admin and public are fixed; take another.' },
  // OpenZeppelin's helpers
  AddressEmptyCode: { code: 'LEDGER_REJECTED', message: 'No contract stands at the target; check its address.' },
  FailedCall: { code: 'LEDGER_REJECTED', message: 'The call failed without saying why; simulate it on its own.' },
  InsufficientBalance: { code: 'LEDGER_REJECTED', message: 'The account can not pay for that; fund it.' },
  SafeCastOverflowedUintDowncast: { code: 'LEDGER_REJECTED', message: 'A number is too large; give a smaller one.' },
};

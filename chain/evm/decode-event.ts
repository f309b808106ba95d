import { parseAccount } from '../../core/account.ts';
import { bytes32ToDigest, type Bytes32, type Digest } from '../../core/digest.ts';
import type { LedgerChange } from '../../core/ledger/events.ts';
import { deviceKinds, deviceStatuses, type Proposal } from '../../core/ledger/records.ts';
import { actionsOfBits } from '../../core/policy.ts';
import type { registryAbi } from './generated/registry.ts';
import { impossibleLog, parseLog } from './parse-log.ts';
import { registryInterface } from './registry-interface.ts';
import type { RpcLog } from './rpc-schemas.ts';

type EventName = Extract<(typeof registryAbi)[number], { type: 'event' }>['name'];
type Arguments = Readonly<Record<string, unknown>>;

const NO_BYTES: Bytes32 = `0x${'00'.repeat(32)}`;

/** Every event of the registry, so that none is forgotten; undefined for what changes nothing of a tenant's state. */
const decoders: Readonly<Record<EventName, (args: Arguments) => LedgerChange | undefined>> = {
  DeviceEnrolled: ({ account, kind, group, profile }) => ({
    type: 'device-enrolled',
    account: parseAccount(account),
    kind: nthOf(deviceKinds, kind),
    group: bytes(group),
    profile: optionalDigest(profile),
  }),
  DeviceStatusChanged: ({ account, status }) => ({
    type: 'device-status-changed',
    account: parseAccount(account),
    status: nthOf(deviceStatuses, status),
  }),
  DeviceGroupChanged: ({ account, group }) => ({
    type: 'device-group-changed',
    account: parseAccount(account),
    group: bytes(group),
  }),
  DeviceProfileChanged: ({ account, profile }) => ({
    type: 'device-profile-changed',
    account: parseAccount(account),
    profile: optionalDigest(profile),
  }),
  ConfigurationProposed: ({ proposer, ...proposal }) => ({
    type: 'configuration-proposed',
    proposer: parseAccount(proposer),
    ...proposalOf(proposal),
  }),
  ConfigurationApproved: ({ approver, ...proposal }) => ({
    type: 'configuration-approved',
    approver: parseAccount(approver),
    ...proposalOf(proposal),
  }),
  ConfigurationActivated: (proposal) => ({ type: 'configuration-activated', ...proposalOf(proposal) }),
  VersionRevoked: ({ resource, version, by }) => ({
    type: 'version-revoked',
    resource: bytes(resource),
    version: integer(version),
    by: parseAccount(by),
  }),
  ApprovalThresholdChanged: ({ threshold }) => ({
    type: 'approval-threshold-changed',
    threshold: Number(integer(threshold)),
  }),
  GrantSet: ({ resource, subject, actions, offline, expiresAt }) => ({
    type: 'grant-set',
    resource: bytes(resource),
    subject: bytes(subject),
    actions: actionsOfBits(Number(integer(actions))),
    offline: offline === true,
    expiresAt: integer(expiresAt),
  }),
  GrantRevoked: ({ resource, subject }) => ({
    type: 'grant-revoked',
    resource: bytes(resource),
    subject: bytes(subject),
  }),
  MemberSet: ({ role, account, expiresAt }) => ({
    type: 'member-set',
    role: bytes(role),
    account: parseAccount(account),
    expiresAt: integer(expiresAt),
  }),
  MemberRemoved: ({ role, account }) => ({ type: 'member-removed', role: bytes(role), account: parseAccount(account) }),
  ReceiptsAnchored: ({ device, root, count }) => ({
    type: 'receipts-anchored',
    device: parseAccount(device),
    root: bytes(root),
    count: Number(integer(count)),
  }),
  // Whom the registry obeys: read-governance.ts makes events of it.
  AuthorityUpdated: () => undefined,
};

/**
 * The change that a log of the registry tells of; undefined where it concerns the registry's authority alone.
 * @throws LEDGER_UNAVAILABLE (no event of this contract: the node's answer is no log of it)
 */
export function decodeEvent(log: RpcLog): LedgerChange | undefined {
  const { name, args } = parseLog(registryInterface, log);
  try {
    return decoders[name as EventName](args);
  } catch {
    throw impossibleLog(log); // a kind, status or type that no contract of ours knows
  }
}

function proposalOf({ resource, version, digest, group }: Arguments): Proposal {
  return {
    resource: bytes(resource),
    version: integer(version),
    digest: bytes32ToDigest(bytes(digest)),
    group: bytes(group),
  };
}

function optionalDigest(value: unknown): Digest | undefined {
  const read = bytes(value);
  return read === NO_BYTES ? undefined : bytes32ToDigest(read);
}

function bytes(value: unknown): Bytes32 {
  if (typeof value === 'string') return value as Bytes32;
  throw new TypeError('no bytes32');
}

function integer(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  throw new TypeError('no integer');
}

/** The ledger numbers kinds and statuses from 1. */
function nthOf<T>(list: readonly T[], number: unknown): T {
  const found = list[Number(integer(number)) - 1];
  if (found === undefined) throw new TypeError('no such number');
  return found;
}

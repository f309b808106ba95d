import { digestToBytes32, type Bytes32, type Digest } from '../../core/digest.ts';
import type { LedgerCommand } from '../../core/ledger/commands.ts';
import { deviceKinds, deviceStatuses, type Proposal } from '../../core/ledger/records.ts';
import { verifyCommand } from '../../core/ledger/verify-command.ts';
import { actionBits } from '../../core/policy.ts';
import { registryInterface } from './registry-interface.ts';

const NO_BYTES: Bytes32 = `0x${'00'.repeat(32)}`;

/** The registry call that a command stands for, as `0x` data. @throws SCHEMA, EMPTY_BATCH, INVALID_GRANT */
export function encodeCommand(command: LedgerCommand): string {
  verifyCommand(command);
  const [name, args] = callOf(command);
  return registryInterface.encodeFunctionData(name, args);
}

function callOf(command: LedgerCommand): readonly [name: string, args: readonly unknown[]] {
  switch (command.type) {
    case 'enrol-device': {
      const { account, kind, group, profile } = command;
      return ['enrol', [account, deviceKinds.indexOf(kind) + 1, group, optional(profile)]];
    }
    case 'set-device-status':
      return ['setDeviceStatus', [command.account, deviceStatuses.indexOf(command.status) + 1]];
    case 'set-device-group':
      return ['setDeviceGroup', [command.account, command.group]];
    case 'set-device-profile':
      return ['setDeviceProfile', [command.account, optional(command.profile)]];
    case 'propose':
      return ['proposeMany', [command.proposals.map(tupleOf)]];
    case 'approve':
      return ['approveMany', [command.proposals.map(tupleOf)]];
    case 'revoke':
      return ['revoke', [command.resource, command.version]];
    case 'set-approval-threshold':
      return ['setApprovalThreshold', [command.threshold]];
    case 'set-grant': {
      const { resource, subject, actions, offline, expiresAt } = command;
      return ['setGrant', [resource, subject, actionBits(actions), offline, expiresAt]];
    }
    case 'revoke-grant':
      return ['revokeGrant', [command.resource, command.subject]];
    case 'set-member':
      return ['setMember', [command.role, command.account, command.expiresAt]];
    case 'remove-member':
      return ['removeMember', [command.role, command.account]];
    case 'anchor-receipts':
      return ['anchorReceipts', [command.root, command.count]];
  }
}

function tupleOf({ resource, version, digest, group }: Proposal): readonly unknown[] {
  return [resource, version, digestToBytes32(digest), group];
}

function optional(digest: Digest | undefined): Bytes32 {
  return digest === undefined ? NO_BYTES : digestToBytes32(digest);
}

import type { LedgerCommand } from './commands.ts';
import type { GovernanceRole } from './records.ts';

/** Which governance role each command needs; undefined where a device's standing decides instead. */
export const roleNeeded = {
  'enrol-device': 'registrar',
  'set-device-status': 'registrar',
  'set-device-group': 'registrar',
  'set-device-profile': 'registrar',
  propose: 'publisher',
  approve: 'approver',
  revoke: 'revoker',
  'set-approval-threshold': 'admin',
  'set-grant': 'policy-admin',
  'revoke-grant': 'policy-admin',
  'set-member': 'policy-admin',
  'remove-member': 'policy-admin',
  'anchor-receipts': undefined,
} as const satisfies Record<LedgerCommand['type'], GovernanceRole | undefined>;

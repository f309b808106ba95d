import type { Account } from '../account.ts';
import { DewproofError } from '../errors.ts';
import type { LedgerCommand } from './commands.ts';
import type { LedgerChange } from './events.ts';
import type { DeviceRecord } from './records.ts';
import type { LedgerState } from './state.ts';

type Command<Type extends LedgerCommand['type']> = Extract<LedgerCommand, { type: Type }>;

/** What enrolling a device changes; an account is never used twice. @throws ALREADY_ENROLLED */
export function decideEnrolment(state: LedgerState, command: Command<'enrol-device'>): LedgerChange[] {
  const { account, kind, group, profile } = command;
  if (state.devices.has(account)) {
    throw new DewproofError('ALREADY_ENROLLED', `${account} is or was a device; enrol it with another key.`);
  }
  return [{ type: 'device-enrolled', account, kind, group, profile }];
}

/** What a change of a device's status, group or profile changes. @throws NOT_ENROLLED, INVALID_TRANSITION */
export function decideDeviceChange(
  state: LedgerState,
  command: Command<'set-device-status' | 'set-device-group' | 'set-device-profile'>,
): LedgerChange[] {
  const device = enrolled(state, command.account);
  const { account } = device;
  if (device.status === 'retired') throw invalidTransition('it is retired for good');
  switch (command.type) {
    case 'set-device-status':
      if (device.status === command.status) throw invalidTransition(`it is ${device.status} already`);
      return [{ type: 'device-status-changed', account, status: command.status }];
    case 'set-device-group':
      return [{ type: 'device-group-changed', account, group: command.group }];
    case 'set-device-profile':
      return [{ type: 'device-profile-changed', account, profile: command.profile }];
  }
}

/** What anchoring a batch of receipts changes. @throws NOT_ENROLLED, SUSPENDED, ALREADY_ANCHORED */
export function decideAnchoring(
  state: LedgerState,
  actor: Account,
  { root, count }: Command<'anchor-receipts'>,
): LedgerChange[] {
  const device = enrolled(state, actor);
  if (device.status !== 'active') {
    throw new DewproofError('SUSPENDED', `${actor} is ${device.status}; only an active device anchors receipts.`);
  }
  if (state.anchored.has(root)) {
    throw new DewproofError('ALREADY_ANCHORED', 'This root was anchored before; nothing is left to do.');
  }
  return [{ type: 'receipts-anchored', device: actor, root, count }];
}

function enrolled(state: LedgerState, account: Account): DeviceRecord {
  const device = state.devices.get(account);
  if (device !== undefined) return device;
  throw new DewproofError('NOT_ENROLLED', `${account} is no device of this tenant; enrol it first.`);
}

function invalidTransition(why: string): DewproofError {
  return new DewproofError('INVALID_TRANSITION', `The device can't be changed like this: ${why}.`);
}

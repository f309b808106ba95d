import type { Account } from '../../core/account.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { HomeRole } from '../home/config.ts';
import { readState } from '../ledger/read-state.ts';
import { failure, ok, warning, type Finding } from './finding.ts';

/** A clock that is off by more makes signed calls fail and expiries wrong. */
const MAX_AHEAD_SECONDS = 60n;
const QUIET_SECONDS = 3600n;

/** Whether the node answers and is the anchor's chain, genesis, registry and code. */
export async function checkIdentity(ledger: Ledger): Promise<Finding> {
  const { chain, registry } = await ledger.identity();
  return ok('ledger', `${chain}, registry ${registry} with the anchor's code`);
}

/** Whether this machine's clock agrees with the newest block, as far as a block can tell. */
export async function checkClock(ledger: Ledger, now: bigint): Promise<Finding> {
  const { height, time } = await ledger.head();
  const ahead = time - now;
  if (ahead > MAX_AHEAD_SECONDS) {
    const detail = `the newest block is ${ahead} s in this clock's future`;
    return failure('clock', { detail, remedy: 'set the clock, or start a time service' });
  }
  if (-ahead > QUIET_SECONDS) {
    const detail = `the newest block (${height}) is ${-ahead} s old`;
    return warning('clock', { detail, remedy: 'check that the chain makes blocks, and the clock' });
  }
  return ok('clock', `block ${height} is ${-ahead < 0n ? 0n : -ahead} s old`);
}

/** Whether the ledger lets the account work as what its home says. */
export async function checkEnrolment(
  ledger: Ledger,
  { account, role }: { readonly account: Account; readonly role: HomeRole },
): Promise<Finding> {
  const state = await readState(ledger);
  const roles = [...state.governance].filter(([, accounts]) => accounts.has(account)).map(([name]) => name);
  if (role === 'user') {
    return ok('account', `${account} is ${roles.length === 0 ? 'a caller without a role' : roles.join(', ')}`);
  }
  const device = state.devices.get(account);
  if (device === undefined) {
    const remedy = `have a registrar run \`dewproof device enrol ${account} --kind ${role} --group …\``;
    return failure('account', { detail: `${account} is not enrolled`, remedy });
  }
  const detail = `${account} is an ${device.status} ${device.kind}`;
  if (device.status !== 'active') return failure('account', { detail, remedy: 'ask the registrar' });
  if (device.kind !== role) return warning('account', { detail, remedy: `this home has the role ${role}` });
  return ok('account', detail);
}

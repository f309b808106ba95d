import type { Interface } from 'ethers/abi';
import { parseAccount, type Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import type { LedgerChange } from '../../core/ledger/events.ts';
import { governanceRoles, type GovernanceRole } from '../../core/ledger/records.ts';
import { accessManagerInterface } from './access-manager-interface.ts';
import { toQuantity } from './blocks.ts';
import { governanceRoleIds } from './governance.ts';
import type { Rpc } from './json-rpc.ts';
import { readLogs, startLogWindow } from './read-logs.ts';
import { parseLog } from './parse-log.ts';
import { registryInterface } from './registry-interface.ts';
import { bytes32, type RpcLog } from './rpc-schemas.ts';

const ROLE_TOPICS = ['RoleGranted', 'RoleRevoked'].map((name) => topicOf(accessManagerInterface, name));
const AUTHORITY_TOPIC = topicOf(registryInterface, 'AuthorityUpdated');

/**
 * The change that a log of the access manager tells of; undefined where it is none of membership in a governance role.
 * A grant to a member changes its execution delay alone, and `since` is then the delay's and not the membership's.
 * @throws LEDGER_UNAVAILABLE (no event of that contract)
 */
export function decodeRoleEvent(log: RpcLog): LedgerChange | undefined {
  if (!ROLE_TOPICS.includes(log.topics[0] ?? '0x')) return undefined;
  const { name, args } = parseLog(accessManagerInterface, log);
  const role = governanceRoles.find((one) => governanceRoleIds[one] === args['roleId']);
  const account = parseAccount(args['account']);
  if (role === undefined) return undefined;
  if (name === 'RoleRevoked') return { type: 'governance-revoked', role, account };
  return args['newMember'] === true
    ? { type: 'governance-granted', role, account, since: args['since'] as bigint }
    : undefined;
}

/** The access manager that the registry obeys from this log on; undefined where it is another event. */
export function decodeAuthority(log: RpcLog): Account | undefined {
  if (log.topics[0] !== AUTHORITY_TOPIC) return undefined;
  return parseAccount(parseLog(registryInterface, log).args['authority']);
}

/** The access manager that the registry obeys at `height`, found without the state of old blocks, which nodes drop. */
export async function findAuthority(
  rpc: Rpc,
  {
    registry,
    beginsAt,
    height,
    head,
    signal,
  }: {
    readonly registry: Account;
    readonly beginsAt: bigint;
    readonly height: bigint;
    readonly head: bigint;
    readonly signal: AbortSignal;
  },
): Promise<Account | undefined> {
  const filter = () => ({ addresses: [registry], topics: [AUTHORITY_TOPIC] });
  const lastIn = async (range: { from: bigint; to: bigint }): Promise<Account | undefined> => {
    let last: RpcLog | undefined;
    for await (const { logs } of readLogs(rpc, { filter, range, window: startLogWindow(), signal })) {
      last = logs.at(-1) ?? last;
    }
    return last && decodeAuthority(last);
  };
  const changedSince = await lastIn({ from: height + 1n, to: head });
  if (changedSince !== undefined) return await lastIn({ from: beginsAt, to: height });
  const call = { to: registry, data: registryInterface.encodeFunctionData('authority') };
  const answer = await rpc.call({ method: 'eth_call', params: [call, toQuantity(head)], answer: bytes32, signal });
  return parseAccount(`0x${answer.slice(-40)}`);
}

/**
 * What it means that the registry obeys `next` instead of `previous`: the members of the one lose their roles, those
 * of the other, appointed before, have theirs. A tenant's first manager is older than its registry, too.
 */
export async function planAuthorityChange(
  rpc: Rpc,
  {
    previous,
    next,
    ...reading
  }: {
    readonly previous: Account | undefined;
    readonly next: Account;
    readonly beginsAt: bigint;
    readonly before: RpcLog;
    readonly signal: AbortSignal;
  },
): Promise<readonly LedgerChange[]> {
  if (previous === next) return [];
  const leaving = previous === undefined ? [] : await readMembers(rpc, { manager: previous, ...reading });
  const coming = await readMembers(rpc, { manager: next, ...reading });
  return [
    ...leaving.map(({ role, account }): LedgerChange => ({ type: 'governance-revoked', role, account })),
    ...coming.map((member): LedgerChange => ({ type: 'governance-granted', ...member })),
  ];
}

interface Member {
  readonly role: GovernanceRole;
  readonly account: Account;
  readonly since: bigint;
}

async function readMembers(
  rpc: Rpc,
  {
    manager,
    beginsAt,
    before,
    signal,
  }: {
    readonly manager: Account;
    readonly beginsAt: bigint;
    readonly before: RpcLog;
    readonly signal: AbortSignal;
  },
): Promise<readonly Member[]> {
  const members = new Map<string, Member>();
  const filter = () => ({ addresses: [manager], topics: ROLE_TOPICS });
  const range = { from: beginsAt, to: before.blockNumber };
  for await (const { logs } of readLogs(rpc, { filter, range, window: startLogWindow(), signal })) {
    for (const log of logs.filter((one) => isBefore(one, before))) {
      const change = decodeRoleEvent(log);
      if (change?.type === 'governance-granted') {
        const { role, account, since } = change;
        members.set(`${role}/${account}`, { role, account, since });
      }
      if (change?.type === 'governance-revoked') members.delete(`${change.role}/${change.account}`);
    }
  }
  return [...members.values()];
}

function isBefore(log: RpcLog, other: RpcLog): boolean {
  return log.blockNumber < other.blockNumber || log.logIndex < other.logIndex;
}

function topicOf(contract: Interface, event: string): Bytes32 {
  const found = contract.getEvent(event);
  if (!found) throw new TypeError(`The ABI has no event ${event}.`);
  return found.topicHash as Bytes32;
}

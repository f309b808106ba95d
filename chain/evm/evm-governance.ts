import type { Account } from '../../core/account.ts';
import { parseAccount } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Submitted } from '../../core/ledger/ledger.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { accessManagerInterface } from './access-manager-interface.ts';
import { callsOf, type GovernanceCall, type GovernanceChange, type GovernedContracts } from './governance-change.ts';
import { governanceRoleIds } from './governance.ts';
import { identifyNode, type IdentifiedNode } from './identity.ts';
import { nodeOfAnchor } from './node-of-anchor.ts';
import { openRpc } from './json-rpc.ts';
import type { LocalAccount } from './local-account.ts';
import { operationId, readOperations, type ScheduledOperation } from './read-operations.ts';
import { registryInterface } from './registry-interface.ts';
import { bytes32, hexBytes } from './rpc-schemas.ts';
import { openSender, type Sender } from './send-transaction.ts';
import { submitOrder, type Submission } from './submit-command.ts';

/** A tenant's governance: what its admins scheduled, and ways to go on with it. */
export interface Governance {
  /** All that waits, the oldest first; it needs no key. @throws LEDGER_UNAVAILABLE, WRONG_CHAIN */
  list(): Promise<readonly ScheduledOperation[]>;
  /**
   * How long what the signer does as an admin must wait, in seconds; undefined where it is no admin.
   * @throws KEY_MISSING, LEDGER_UNAVAILABLE
   */
  adminDelay(): Promise<number | undefined>;
  /**
   * Schedules a change, as an admin; what of it waits is in `operations`.
   * @throws NOT_PERMITTED (no admin; or one without a delay, for whom there is nothing to wait for), LEDGER_REJECTED (it
   * waits already)
   */
  schedule(
    change: GovernanceChange,
  ): Promise<{ readonly submitted: Submitted; readonly operations: readonly Bytes32[] }>;
  /** Makes a change at once, as an admin without a delay. @throws NOT_PERMITTED (the delay is not over, or never began) */
  carryOut(change: GovernanceChange): Promise<Submitted>;
  /** Executes operations that the signer scheduled, all or none. @throws NOT_FOUND, NOT_PERMITTED (too soon, too late, another's) */
  execute(ids: readonly Bytes32[]): Promise<Submitted>;
  /** Cancels operations, all or none: as guardian, as admin, or as who scheduled them. @throws NOT_FOUND, NOT_PERMITTED */
  cancel(ids: readonly Bytes32[]): Promise<Submitted>;
  close(): void;
}

/** How to reach it; times in milliseconds. */
export interface GovernanceOptions {
  readonly anchor: Anchor;
  /** Who schedules, executes, cancels; without one it can be listed. */
  readonly signer?: LocalAccount | undefined;
  readonly pollMs?: number;
  readonly submitTimeoutMs?: number;
}

const POLL_MS = 1_000;
const SUBMIT_TIMEOUT_MS = 60_000;
const SPARE_GAS = 50_000n;

/** Opens the governance of a tenant's registry; no node is asked yet. */
export function openEvmGovernance(options: GovernanceOptions): Governance {
  const { anchor, signer, pollMs = POLL_MS, submitTimeoutMs: timeoutMs = SUBMIT_TIMEOUT_MS } = options;
  const { confirmations, url } = nodeOfAnchor(anchor);
  const closing = new AbortController();
  const { signal } = closing;
  const expected = { chain: anchor.chain, genesis: anchor.genesis, codeHash: anchor.codeHash };
  const node = identifyNode(openRpc({ url }), { registry: parseAccount(anchor.registry), expected });
  const sender = signer && openSender({ rpc: node.rpc, signer, chainId: chainIdOf(node), timeoutMs, closed: signal });

  const contracts = async (): Promise<GovernedContracts> => {
    await node.ensure({ signal });
    return { registry: node.registry, manager: await readAuthority(node, signal) };
  };
  const list = async () =>
    readOperations(node, {
      contracts: await contracts(),
      beginsAt: BigInt(anchor.beginsAt),
      confirmations,
      signal,
    });
  const submit = async (manager: Account, calls: readonly string[]): Promise<Submitted> => {
    const submission: Submission = {
      node,
      sender: verifySender(sender),
      confirmations,
      pollMs,
      timeoutMs,
      closed: signal,
    };
    const [first = '0x', ...more] = calls;
    const data = more.length === 0 ? first : encode('multicall', [calls]);
    return submitOrder(submission, { to: manager, data, spareGas: SPARE_GAS });
  };
  const submitEach = async (
    ids: readonly Bytes32[],
    encodeOne: (operation: ScheduledOperation) => string,
  ): Promise<Submitted> => {
    verifySender(sender);
    const { manager } = await contracts();
    const found = findAll(ids, await list());
    return submit(manager, found.map(encodeOne));
  };

  return {
    list,
    adminDelay: async () => {
      const { account } = verifySender(sender);
      const { manager } = await contracts();
      return readAdminDelay(node, { manager, account, signal });
    },
    schedule: async (change) => {
      const { account } = verifySender(sender);
      const tenant = await contracts();
      const calls = callsOf(change, tenant);
      const submitted = await submit(
        tenant.manager,
        calls.map(({ target, data }) => encode('schedule', [target, data, 0])),
      ).catch(async (error: unknown) => {
        throw await explainSchedule(error, () => readAdminDelay(node, { manager: tenant.manager, account, signal }));
      });
      return { submitted, operations: calls.map((call) => operationId({ ...call, caller: account })) };
    },
    carryOut: async (change) => {
      verifySender(sender);
      const tenant = await contracts();
      return submit(tenant.manager, callsOf(change, tenant).map(executeData));
    },
    execute: async (ids) => {
      const { account } = verifySender(sender);
      return submitEach(ids, (operation) => {
        if (operation.caller === account) return executeData(operation);
        throw new DewproofError(
          'NOT_PERMITTED',
          `${operation.caller} scheduled ${operation.id}, and alone executes it.`,
        );
      });
    },
    cancel: (ids) => submitEach(ids, ({ caller, target, data }) => encode('cancel', [caller, target, data])),
    close: () => {
      closing.abort(new DewproofError('LEDGER_UNAVAILABLE', 'The ledger was closed; open it again.'));
    },
  };
}

function executeData({ target, data }: GovernanceCall): string {
  return encode('execute', [target, data]);
}

function findAll(ids: readonly Bytes32[], pending: readonly ScheduledOperation[]): readonly ScheduledOperation[] {
  return [...new Set(ids)].map((id) => {
    const found = pending.find((operation) => operation.id === id);
    if (found !== undefined) return found;
    throw new DewproofError(
      'NOT_FOUND',
      `Nothing with the id ${id} waits: it was executed or cancelled, or never was.`,
    );
  });
}

function verifySender(sender: Sender | undefined): Sender {
  if (sender !== undefined) return sender;
  throw new DewproofError('KEY_MISSING', 'This governance was opened to read; open it with an account.');
}

/** The manager has one error for who may not, and for who need not wait. */
async function explainSchedule(error: unknown, readDelay: () => Promise<number | undefined>): Promise<unknown> {
  if (!hasCode(error, 'NOT_PERMITTED') || error.details['error'] !== 'AccessManagerUnauthorizedCall') return error;
  const isImmediate = (await readDelay()) === 0;
  const message = isImmediate
    ? 'This admin has no delay, so there is nothing to wait for: carry it out at once.'
    : 'Only an admin schedules changes of the governance; ask one.';
  return new DewproofError('NOT_PERMITTED', message, { cause: error, details: error.details });
}

const accessSchema = hexBytes.refine((answer) => answer.length === 2 + 2 * 64);

async function readAdminDelay(
  { rpc }: IdentifiedNode,
  { manager, account, signal }: { readonly manager: Account; readonly account: Account; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const call = { to: manager, data: encode('hasRole', [governanceRoleIds.admin, account]) };
  const answer = await rpc.call({ method: 'eth_call', params: [call, 'latest'], answer: accessSchema, signal });
  const [isMember, delay] = accessManagerInterface.decodeFunctionResult('hasRole', answer).toArray() as [
    boolean,
    bigint,
  ];
  return isMember ? Number(delay) : undefined;
}

const addressSchema = bytes32.refine((word) => word.startsWith(`0x${'0'.repeat(24)}`));

async function readAuthority({ rpc, registry }: IdentifiedNode, signal: AbortSignal): Promise<Account> {
  const call = { to: registry, data: registryInterface.encodeFunctionData('authority') };
  const answer = await rpc.call({ method: 'eth_call', params: [call, 'latest'], answer: addressSchema, signal });
  return parseAccount(`0x${answer.slice(-40)}`);
}

function chainIdOf(node: IdentifiedNode): (signal: AbortSignal) => Promise<bigint> {
  return async (signal) => BigInt((await node.ensure({ signal })).chain.slice('eip155:'.length));
}

function encode(name: string, args: readonly unknown[]): string {
  return accessManagerInterface.encodeFunctionData(name, args);
}

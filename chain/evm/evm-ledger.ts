import { parseAccount, type Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { EventBatch } from '../../core/ledger/events.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { MAX_BACKOFF_MS } from '../backoff.ts';
import { readFinalHead } from './blocks.ts';
import { followEvents, type EventsRequest, type FollowOptions } from './follow-events.ts';
import { identifyNode, type ExpectedIdentity, type IdentifiedNode } from './identity.ts';
import { nodeOfAnchor } from './node-of-anchor.ts';
import { openRpc } from './json-rpc.ts';
import { linkSignals } from '../link-signals.ts';
import { untilAborted } from '../../core/until-aborted.ts';
import type { LocalAccount } from './local-account.ts';
import { openSender } from './send-transaction.ts';
import { submitCommand } from './submit-command.ts';

/** Which ledger: a device's anchor, or a registry on the chain of the node at `url` as it turns out to be. */
export type EvmLedgerSource =
  | { readonly anchor: Anchor }
  | (ExpectedIdentity & {
      readonly url: string;
      readonly registry: string;
      /** How deep a block must be to count. */
      readonly confirmations: number;
    });

/** How to speak with the node; times in milliseconds. */
export interface EvmLedgerOptions {
  /** Who submits; without one the ledger is read-only. */
  readonly signer?: LocalAccount | undefined;
  /** Where the tenant's contracts begin; reading from the beginning starts here. */
  readonly beginsAt?: bigint;
  readonly pollMs?: number;
  readonly maxBackoffMs?: number;
  /** The newest block that counts, where others than the node say so; the anchor's `confirmations` where left out. */
  readonly finalHead?: (() => Promise<BlockRef>) | undefined;
  /** Bounds one request. */
  readonly requestTimeoutMs?: number;
  /** Bounds a whole `submit`, until its block is final. */
  readonly submitTimeoutMs?: number;
}

const POLL_MS = 1_000;
const SUBMIT_TIMEOUT_MS = 60_000;

/**
 * Opens a tenant's registry on an EVM chain over HTTP JSON-RPC. No node is asked yet: a device boots without one, and
 * every call finds out for itself whether the node is there and the right one.
 * @throws CONFIG, SCHEMA
 */
export function openEvmLedger(options: EvmLedgerSource & EvmLedgerOptions): Promise<Ledger> {
  return new Promise((resolve) => {
    resolve(ledgerOf(options));
  });
}

function ledgerOf(options: EvmLedgerSource & EvmLedgerOptions): Ledger {
  const { url, registry, confirmations, expected, beginsAt } = sourceOf(options);
  const { signer, pollMs = POLL_MS, submitTimeoutMs: timeoutMs = SUBMIT_TIMEOUT_MS } = options;
  const closing = new AbortController();
  const closed = closing.signal;
  const node = identifyNode(openRpc({ url, timeoutMs: options.requestTimeoutMs }), { registry, expected });
  const sender = signer && openSender({ rpc: node.rpc, signer, chainId: chainIdOf(node), timeoutMs, closed });
  const { finalHead } = options;
  const readHead = (signal: AbortSignal): Promise<BlockRef> =>
    finalHead ? untilAborted(finalHead(), signal) : readFinalHead(node.rpc, { confirmations, signal });
  const following: FollowOptions = {
    readHead,
    pollMs,
    beginsAt,
    maxBackoffMs: options.maxBackoffMs ?? MAX_BACKOFF_MS,
  };
  return {
    supports: { atomicBatches: true, enforcedGovernance: true, durable: true },
    account: signer?.account,
    identity: () => node.verify({ signal: closed }),
    head: () => readHead(closed),
    ...(finalHead && { latest: () => readFinalHead(node.rpc, { confirmations: 0, signal: closed }) }),
    events: (request) => untilClosed(node, { request, closed, following }),
    submit: async (command) => {
      if (!sender) throw new DewproofError('KEY_MISSING', 'This ledger was opened to read; open it with an account.');
      return await submitCommand({ node, sender, confirmations, pollMs, timeoutMs, closed }, command);
    },
    close: () => {
      closing.abort(new DewproofError('LEDGER_UNAVAILABLE', 'The ledger was closed; open it again.'));
      return Promise.resolve();
    },
  };
}

function sourceOf(source: EvmLedgerSource & Pick<EvmLedgerOptions, 'beginsAt'>): {
  readonly url: string;
  readonly registry: Account;
  readonly confirmations: number;
  readonly expected: ExpectedIdentity;
  readonly beginsAt: bigint;
} {
  const { chain, genesis, registry, codeHash } = 'anchor' in source ? source.anchor : source;
  const { url, confirmations } = 'anchor' in source ? nodeOfAnchor(source.anchor) : source;
  const beginsAt = source.beginsAt ?? ('anchor' in source ? BigInt(source.anchor.beginsAt) : 0n);
  return { url, confirmations, registry: parseAccount(registry), expected: { chain, genesis, codeHash }, beginsAt };
}

/** The chain that transactions are signed for: the one that was verified, whatever the node says later. */
function chainIdOf(node: IdentifiedNode): (signal: AbortSignal) => Promise<bigint> {
  return async (signal) => BigInt((await node.ensure({ signal })).chain.slice('eip155:'.length));
}

async function* untilClosed(
  node: IdentifiedNode,
  {
    request,
    closed,
    following,
  }: { readonly request: EventsRequest; readonly closed: AbortSignal; readonly following: FollowOptions },
): AsyncGenerator<EventBatch> {
  const { signal, release } = linkSignals({ sources: [request.signal, closed] });
  try {
    yield* followEvents(node, { ...request, signal }, following);
  } finally {
    release();
  }
}

import type { Account } from '../../core/account.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { EventBatch } from '../../core/ledger/events.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { BlockRef, LedgerIdentity } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { defaultFreshness, type Anchor } from '../../core/state/anchor.ts';
import { createMemoryBlocks, type MemoryBlocks, type MemoryChainOptions } from './memory-blocks.ts';

/** A whole chain in this process: the reference that other ledgers are held against, and a faithful fake for unit tests. */
export interface MemoryChain {
  /** The tenant's ledger as `account` uses it, read-only without one. */
  ledgerOf(account?: Account): Ledger;
  /** An anchor of this chain, for what opens bundles. */
  anchor(): Anchor;
  state(): LedgerState;
  /** Adds a block with nothing in it. */
  mine(): BlockRef;
  /** Moves the chain's own clock; no effect where `now` was given. */
  advance(seconds: number): void;
  /** The node is gone, or back, for all ledgers of this chain. */
  setReachable(reachable: boolean): void;
  /** Gives every block from height `from` (1) another hash: other history of the same events; from 0, another chain. */
  rewriteHistory(options?: { readonly from?: bigint }): void;
  /** Forgets the last `count` blocks, as a node does that lost them in a crash. */
  dropBlocks(count: number): void;
}

/** Makes a chain of one tenant: `decideCommand` says what is taken up, in one block a command, final at once. */
export function createMemoryChain(options: MemoryChainOptions): MemoryChain {
  const blocks = createMemoryBlocks(options);
  return {
    ledgerOf: (account) => openMemoryLedger(blocks, account),
    anchor: () => anchorOf(blocks.identity()),
    state: blocks.state,
    mine: blocks.mine,
    advance: blocks.advance,
    setReachable: blocks.setReachable,
    rewriteHistory: ({ from = 1n } = {}) => {
      blocks.rewrite(from);
    },
    dropBlocks: blocks.drop,
  };
}

function anchorOf({ chain, genesis, registry }: LedgerIdentity): Anchor {
  return {
    apiVersion: 'dewproof/v1',
    kind: 'Anchor',
    version: 1,
    tenant: registry,
    chain,
    genesis,
    registry,
    codeHash: `0x${'00'.repeat(32)}`,
    beginsAt: 0,
    ...defaultFreshness,
    finality: { kind: 'rpc', url: 'http://memory.invalid', confirmations: 0 },
  };
}

function openMemoryLedger(blocks: MemoryBlocks, account: Account | undefined): Ledger {
  const closing = new AbortController();
  const node: Node = { blocks, closed: closing.signal, expected: blocks.identity() };
  return {
    supports: { atomicBatches: true, enforcedGovernance: false, durable: false },
    account,
    identity: () => promised(() => verifyIdentity(node)),
    head: () => promised(() => headOf(node)),
    events: (request) => followBlocks(node, request),
    submit: (command) =>
      promised(() => {
        verifyIdentity(node);
        if (account !== undefined) return blocks.submit({ actor: account, command });
        throw new DewproofError('KEY_MISSING', 'This ledger was opened to read; open it with an account.');
      }),
    close: () =>
      promised(() => {
        closing.abort();
      }),
  };
}

/** A chain as one ledger knows it. */
interface Node {
  readonly blocks: MemoryBlocks;
  readonly closed: AbortSignal;
  readonly expected: LedgerIdentity;
}

async function* followBlocks(
  node: Node,
  { after, follow, signal, onTrouble }: Parameters<Ledger['events']>[0],
): AsyncGenerator<EventBatch> {
  const ended = AbortSignal.any([signal, node.closed]);
  let last = after;
  let trouble: string | undefined;
  while (!ended.aborted) {
    const change = node.blocks.changed(ended);
    try {
      for (const batch of readNew(node, last)) {
        if (isAborted(ended)) return;
        last = batch.block;
        yield batch;
      }
      trouble = undefined;
    } catch (error) {
      if (!follow || !hasCode(error, 'LEDGER_UNAVAILABLE', 'LEDGER_BEHIND')) throw error;
      if (trouble !== error.code) onTrouble?.(error);
      trouble = error.code;
    }
    if (!follow) return;
    await change;
  }
}

function readNew(node: Node, last: BlockRef | undefined): readonly EventBatch[] {
  verifyIdentity(node);
  const all = node.blocks.all();
  if (last === undefined) return all;
  const known = all.find(({ block }) => block.height === last.height);
  if (known === undefined) {
    throw new DewproofError('LEDGER_BEHIND', `The chain ends below block ${last.height}; wait for it.`);
  }
  if (known.block.hash !== last.hash) {
    throw new DewproofError('EQUIVOCATION', `Block ${last.height} is not the one seen before: history was changed.`);
  }
  return all.filter(({ block }) => block.height > last.height);
}

function headOf(node: Node): BlockRef {
  verifyIdentity(node);
  const last = node.blocks.all().at(-1);
  if (last) return last.block;
  throw new DewproofError('LEDGER_UNAVAILABLE', 'The chain has no blocks yet.');
}

function verifyIdentity({ blocks, closed, expected }: Node): LedgerIdentity {
  if (closed.aborted) throw new DewproofError('LEDGER_UNAVAILABLE', 'The ledger was closed; open it again.');
  if (!blocks.isReachable()) throw new DewproofError('LEDGER_UNAVAILABLE', 'The chain is out of reach; try again.');
  const is = blocks.identity();
  if (is.genesis === expected.genesis) return is;
  throw new DewproofError('WRONG_CHAIN', 'Another chain is served here now; check the anchor.');
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** The port is asynchronous: what is thrown here must come as a rejection. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

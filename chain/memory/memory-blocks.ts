import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import type { LedgerCommand } from '../../core/ledger/commands.ts';
import { decideCommand } from '../../core/ledger/decide.ts';
import type { EventBatch, LedgerChange } from '../../core/ledger/events.ts';
import type { Submitted } from '../../core/ledger/ledger.ts';
import type { BlockRef, GovernanceRole, LedgerIdentity } from '../../core/ledger/records.ts';
import { reduceBatch } from '../../core/ledger/reduce.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';

/** What a chain in memory begins with. */
export interface MemoryChainOptions {
  readonly name?: string;
  readonly permissions: ReadonlyMap<Account, readonly GovernanceRole[]>;
  readonly approvalThreshold: number;
  /** The time in Unix seconds; by default a clock of the chain's own, which `advance` alone moves. */
  readonly now?: () => bigint;
}

/** The blocks that the ledgers of one chain share, and ways to make their life hard. */
export interface MemoryBlocks {
  readonly identity: () => LedgerIdentity;
  readonly all: () => readonly EventBatch[];
  readonly state: () => LedgerState;
  readonly isReachable: () => boolean;
  /** Takes a command up in a block of its own. @throws what `decideCommand` does */
  readonly submit: (request: { readonly actor: Account; readonly command: LedgerCommand }) => Submitted;
  /** Resolves with the next change, or when `signal` aborts. */
  readonly changed: (signal: AbortSignal) => Promise<void>;
  readonly mine: () => BlockRef;
  readonly advance: (seconds: number) => void;
  readonly setReachable: (reachable: boolean) => void;
  readonly rewrite: (from: bigint) => void;
  readonly drop: (count: number) => void;
}

/** 2027: whatever tests call "now" is past or to come on purpose, not by accident. */
const FIRST_SECOND = 1_800_000_000n;

/** Makes a chain with one block, which appoints `permissions` and sets the threshold. */
export function createMemoryBlocks(options: MemoryChainOptions): MemoryBlocks {
  const name = options.name ?? 'test';
  const changes = new EventEmitter().setMaxListeners(0);
  let batches: readonly EventBatch[] = [];
  let state = emptyLedgerState;
  let elapsed = 0n;
  let fork = 0;
  let reachable = true;

  const nextTime = (): bigint => {
    const time = options.now?.() ?? FIRST_SECOND + elapsed;
    const last = state.block?.time ?? 0n;
    return time > last ? time : last;
  };
  const append = (brought: readonly LedgerChange[], time = nextTime()): EventBatch => {
    const batch = toBatch({ parent: state.block, time, changes: brought, seed: `${name}/${fork}` });
    state = reduceBatch(state, batch);
    batches = [...batches, batch];
    changes.emit('change');
    return batch;
  };
  const keep = (count: number): void => {
    batches = batches.slice(0, count);
    state = batches.reduce(reduceBatch, emptyLedgerState);
    changes.emit('change');
  };
  append(beginning(options));

  return {
    identity: () => ({ chain: `memory:${name}`, genesis: batches[0]?.block.hash ?? '0x', registry: name }),
    all: () => batches,
    state: () => state,
    isReachable: () => reachable,
    submit: ({ actor, command }) => {
      const time = nextTime();
      const { block } = append(decideCommand(state, { actor, command, now: time }), time);
      return { transaction: transactionOf(block), block };
    },
    changed: async (signal) => {
      await once(changes, 'change', { signal }).catch(() => undefined);
    },
    mine: () => append([]).block,
    advance: (seconds) => {
      elapsed += BigInt(seconds);
    },
    setReachable: (value) => {
      reachable = value;
      changes.emit('change');
    },
    rewrite: (from) => {
      const again = batches.filter(({ block }) => block.height >= from);
      fork++;
      keep(batches.length - again.length);
      for (const { block, events } of again) append(events, block.time);
    },
    drop: (count) => {
      keep(Math.max(1, batches.length - count));
    },
  };
}

function beginning({ permissions, approvalThreshold }: MemoryChainOptions): readonly LedgerChange[] {
  const appointed = [...permissions].flatMap(([account, roles]) =>
    roles.map((role): LedgerChange => ({ type: 'governance-granted', role, account, since: 0n })),
  );
  return [...appointed, { type: 'approval-threshold-changed', threshold: approvalThreshold }];
}

/** Whatever goes into a block, and all before it, decides its hash, as on a real chain. */
function toBatch({
  parent,
  time,
  changes,
  seed,
}: {
  readonly parent: BlockRef | undefined;
  readonly time: bigint;
  readonly changes: readonly LedgerChange[];
  readonly seed: string;
}): EventBatch {
  const height = parent === undefined ? 0n : parent.height + 1n;
  const content = JSON.stringify([seed, parent?.hash, height, time, changes], (key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : key === 'at' ? undefined : value,
  );
  const block = { height, hash: hashOf(content), time };
  const transaction = transactionOf(block);
  const events = changes.map((change, index) => ({ ...change, at: { height, index, time, transaction } }));
  return { block, events };
}

function transactionOf(block: BlockRef): Bytes32 {
  return hashOf(`transaction/${block.hash}`);
}

function hashOf(text: string): Bytes32 {
  return `0x${createHash('sha256').update(text).digest('hex')}`;
}

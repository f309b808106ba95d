import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { EventBatch, LedgerChange } from '../../core/ledger/events.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import { readBlock, toBlockRef } from './blocks.ts';
import { decodeEvent } from './decode-event.ts';
import type { Rpc } from './json-rpc.ts';
import { decodeAuthority, decodeRoleEvent, planAuthorityChange } from './read-governance.ts';
import { readLogs, type BlockRange, type LogWindow } from './read-logs.ts';
import type { RpcLog } from './rpc-schemas.ts';

/** Where a reading stands between two ranges. */
export interface Reading {
  readonly registry: Account;
  /** Nothing of the tenant stands below this height. */
  readonly beginsAt: bigint;
  /** The access manager whose role events count from here on; undefined before there is a registry. */
  authority: Account | undefined;
  readonly window: LogWindow;
}

const BLOCKS_AT_ONCE = 8;

/**
 * Reads blocks `from` to `head` as batches: one for every block with events of ours, and one for every window's last
 * block, as a place to resume from. After each window `head` must still be the node's: its hash covers all blocks
 * before it, so that the logs just read are those of one chain, the chain of every batch handed out before.
 * @throws LEDGER_UNAVAILABLE (also where the chain changed meanwhile: read again)
 */
export async function* readBatches(
  rpc: Rpc,
  {
    reading,
    from,
    head,
    signal,
  }: { readonly reading: Reading; readonly from: bigint; readonly head: BlockRef; readonly signal: AbortSignal },
): AsyncGenerator<EventBatch> {
  const filter = () => ({ addresses: [reading.registry, ...(reading.authority ? [reading.authority] : [])] });
  const range = { from, to: head.height };
  for await (const part of readLogs(rpc, { filter, range, window: reading.window, signal })) {
    const changes = await changesOf(rpc, { reading, part, signal });
    const batches = await batchesOf(rpc, { changes, part, signal });
    const still = await blockAt(rpc, { height: head.height, signal });
    if (still.hash !== head.hash) throw changedMeanwhile();
    yield* batches;
  }
}

/** What one log brought about; a change of the registry's authority brings about several things at once. */
interface LoggedChanges {
  readonly log: RpcLog;
  readonly changes: readonly LedgerChange[];
}

type Part = BlockRange & { readonly logs: readonly RpcLog[] };

async function changesOf(
  rpc: Rpc,
  { reading, part, signal }: { readonly reading: Reading; readonly part: Part; readonly signal: AbortSignal },
): Promise<readonly LoggedChanges[]> {
  const found: LoggedChanges[] = [];
  for (const log of await withNewAuthorities(rpc, { reading, part, signal })) {
    const next = log.address === reading.registry ? decodeAuthority(log) : undefined;
    if (next !== undefined) {
      const changes = await planAuthorityChange(rpc, {
        previous: reading.authority,
        next,
        beginsAt: reading.beginsAt,
        before: log,
        signal,
      });
      reading.authority = next;
      found.push({ log, changes });
    } else if (log.address === reading.registry) {
      found.push({ log, changes: listOf(decodeEvent(log)) });
    } else if (log.address === reading.authority) {
      found.push({ log, changes: listOf(decodeRoleEvent(log)) });
    }
  }
  return found.filter(({ changes }) => changes.length > 0);
}

/** The part's logs; read again with those of managers that the registry was given in it. */
async function withNewAuthorities(
  rpc: Rpc,
  { reading, part, signal }: { readonly reading: Reading; readonly part: Part; readonly signal: AbortSignal },
): Promise<readonly RpcLog[]> {
  const { registry, authority, window } = reading;
  const named = part.logs.filter((log) => log.address === registry).map(decodeAuthority);
  const addresses = [...new Set([registry, authority, ...named])].filter((one) => one !== undefined);
  if (!named.some((one) => one !== undefined && one !== authority)) return part.logs;
  const logs: RpcLog[] = [];
  for await (const again of readLogs(rpc, { filter: () => ({ addresses }), range: part, window, signal })) {
    logs.push(...again.logs);
  }
  return logs;
}

async function batchesOf(
  rpc: Rpc,
  {
    changes,
    part,
    signal,
  }: { readonly changes: readonly LoggedChanges[]; readonly part: Part; readonly signal: AbortSignal },
): Promise<readonly EventBatch[]> {
  const byHeight = Map.groupBy(changes, ({ log }) => log.blockNumber);
  const heights = [...new Set([...byHeight.keys(), part.to])];
  const batches: EventBatch[] = [];
  for (let start = 0; start < heights.length; start += BLOCKS_AT_ONCE) {
    const some = heights.slice(start, start + BLOCKS_AT_ONCE);
    batches.push(
      ...(await Promise.all(
        some.map(async (height) => {
          const block = await blockAt(rpc, { height, signal });
          return toBatch(block, byHeight.get(height) ?? []);
        }),
      )),
    );
  }
  return batches;
}

/** Events are counted within their block, since one log can bring about several. */
function toBatch(block: BlockRef, found: readonly LoggedChanges[]): EventBatch {
  if (found.some(({ log }) => log.blockHash !== block.hash)) throw changedMeanwhile();
  const events = found
    .flatMap(({ log, changes }) => changes.map((change) => ({ change, transaction: log.transactionHash })))
    .map(({ change, transaction }, index) => ({
      ...change,
      at: { height: block.height, index, time: block.time, transaction },
    }));
  return { block, events };
}

async function blockAt(
  rpc: Rpc,
  { height, signal }: { readonly height: bigint; readonly signal: AbortSignal },
): Promise<BlockRef> {
  const block = await readBlock(rpc, { height, signal });
  if (!block) throw changedMeanwhile();
  return toBlockRef(block);
}

function changedMeanwhile(): DewproofError {
  return new DewproofError('LEDGER_UNAVAILABLE', 'The chain changed while its events were read; they are read again.');
}

function listOf(change: LedgerChange | undefined): readonly LedgerChange[] {
  return change ? [change] : [];
}

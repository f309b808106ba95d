import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { toQuantity } from './blocks.ts';
import { didAnswer, type Rpc } from './json-rpc.ts';
import { logSchema, type RpcLog } from './rpc-schemas.ts';

/** Which logs: of any of `addresses`, with any of `topics` as their first topic (undefined: any). */
export interface LogFilter {
  readonly addresses: readonly Account[];
  readonly topics?: readonly Bytes32[];
}

/** Blocks `from` to `to`, both included. */
export interface BlockRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** How many blocks are asked for at once; kept from one reading to the next, since every node has its own limit. */
export interface LogWindow {
  blocks: number;
  /** The smallest number of blocks that failed: below its half the window grows fast, above slowly (as TCP's does). */
  failed: number;
}

/** Besu refuses ranges over 5,000 blocks unless told otherwise, hosted nodes over 10,000 or fewer. */
const MAX_WINDOW_BLOCKS = 50_000;

/** A window to begin with. */
export function startLogWindow(): LogWindow {
  return { blocks: MAX_WINDOW_BLOCKS, failed: Infinity };
}

function shrink(window: LogWindow, tried: number): void {
  window.failed = tried;
  window.blocks = Math.max(1, Math.floor(tried / 2));
}

function grow(window: LogWindow): void {
  const { blocks, failed } = window;
  const step = blocks < failed / 2 ? blocks : Math.ceil(blocks / 16);
  window.blocks = Math.min(MAX_WINDOW_BLOCKS, blocks + step);
}

/**
 * Reads the logs of a range window by window, in order. Every node words its refusal of too large a range in its own
 * way: whatever fails is asked again by halves, at once where the node did answer.
 * @throws LEDGER_UNAVAILABLE (even one block is too much, or the answer makes no sense)
 */
export async function* readLogs(
  rpc: Rpc,
  {
    filter,
    range,
    window,
    signal,
  }: {
    /** Asked before each window, since what was read may tell whose logs to read on. */
    readonly filter: () => LogFilter;
    readonly range: BlockRange;
    readonly window: LogWindow;
    readonly signal?: AbortSignal | undefined;
  },
): AsyncGenerator<BlockRange & { readonly logs: readonly RpcLog[] }> {
  let { from } = range;
  while (from <= range.to) {
    const to = min(range.to, from + BigInt(window.blocks) - 1n);
    const logs = await readWindow(rpc, { filter: filter(), range: { from, to }, signal }).catch((error: unknown) => {
      shrink(window, Number(to - from + 1n));
      if (from === to || signal?.aborted || !didAnswer(error)) throw error;
    });
    if (!logs) continue;
    grow(window);
    yield { from, to, logs };
    from = to + 1n;
  }
}

async function readWindow(
  rpc: Rpc,
  {
    filter,
    range,
    signal,
  }: { readonly filter: LogFilter; readonly range: BlockRange; readonly signal: AbortSignal | undefined },
): Promise<readonly RpcLog[]> {
  const { addresses, topics } = filter;
  const asked = {
    address: addresses,
    ...(topics && { topics: [topics] }),
    fromBlock: toQuantity(range.from),
    toBlock: toQuantity(range.to),
  };
  const logs = await rpc.call({ method: 'eth_getLogs', params: [asked], answer: z.array(logSchema), signal });
  verifyLogs(rpc, { logs, filter, range });
  return logs;
}

/** What was not asked for, or stands out of order, would be taken for an event of ours at a wrong place. */
function verifyLogs(
  rpc: Rpc,
  { logs, filter, range }: { readonly logs: readonly RpcLog[]; readonly filter: LogFilter; readonly range: BlockRange },
): void {
  const sound = logs.every((log, index) => {
    const previous = logs[index - 1];
    return (
      filter.addresses.includes(log.address) &&
      (!filter.topics || filter.topics.includes(log.topics[0] ?? '0x')) &&
      range.from <= log.blockNumber &&
      log.blockNumber <= range.to &&
      (!previous || isAfter(log, previous))
    );
  });
  if (sound) return;
  throw new DewproofError(
    'LEDGER_UNAVAILABLE',
    `The node at ${rpc.url} answers logs that were not asked for; replace it.`,
  );
}

function isAfter(log: RpcLog, previous: RpcLog): boolean {
  if (log.blockNumber !== previous.blockNumber) return log.blockNumber > previous.blockNumber;
  return log.logIndex > previous.logIndex && log.blockHash === previous.blockHash;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

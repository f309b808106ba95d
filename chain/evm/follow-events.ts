import { setTimeout as sleep } from 'node:timers/promises';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { EventBatch } from '../../core/ledger/events.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import { backoffMs } from '../backoff.ts';
import { readBlock, readFinalHead } from './blocks.ts';
import type { IdentifiedNode } from './identity.ts';
import { readBatches, type Reading } from './read-batches.ts';
import { findAuthority } from './read-governance.ts';
import { startLogWindow, type LogWindow } from './read-logs.ts';

/** How a follower asks its node; times in milliseconds. */
export interface FollowOptions {
  /** The newest block that counts. */
  readonly readHead: (signal: AbortSignal) => Promise<BlockRef>;
  /** Where the tenant's contracts begin: nothing of theirs stands below. */
  readonly beginsAt: bigint;
  readonly pollMs: number;
  readonly maxBackoffMs: number;
}

/** What the port's `events` is asked for. */
export interface EventsRequest {
  readonly after: BlockRef | undefined;
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly onTrouble?: ((error: Error) => void) | undefined;
}

/** The port's `events`: reads, polls, and starts again after every failure where it was. */
export async function* followEvents(
  node: IdentifiedNode,
  { after, follow, signal, onTrouble }: EventsRequest,
  options: FollowOptions,
): AsyncGenerator<EventBatch> {
  const cursor: Cursor = { block: after, reading: undefined, window: startLogWindow() };
  let failures = 0;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      for await (const batch of readNew(node, { cursor, signal }, options)) {
        if (isOver()) return;
        cursor.block = batch.block;
        failures = 0;
        yield batch;
      }
      if (!follow) return;
      failures = 0;
      await pause(options.pollMs, signal);
    } catch (error) {
      if (isOver()) return;
      if (!follow || !isPassing(error)) throw error;
      // What was read but not handed out is read again.
      cursor.reading = undefined;
      onTrouble?.(error);
      await pause(backoffMs({ failures: failures++, maxMs: options.maxBackoffMs }), signal);
    }
  }
}

interface Cursor {
  /** The last block handed out. */
  block: BlockRef | undefined;
  reading: Reading | undefined;
  readonly window: LogWindow;
}

async function* readNew(
  node: IdentifiedNode,
  { cursor, signal }: { readonly cursor: Cursor; readonly signal: AbortSignal },
  { readHead, beginsAt }: FollowOptions,
): AsyncGenerator<EventBatch> {
  const { block } = cursor;
  await node.ensure({ signal, knownHeight: block?.height });
  const head = await readHead(signal);
  if (block) await verifyContinues(node, { block, signal });
  if (block && head.height < block.height) throw behind(node, { head, block });
  if (block && head.height === block.height) return;
  cursor.reading ??= await startReading(node, { cursor, beginsAt, head, signal });
  const next = block ? block.height + 1n : 0n;
  const from = next < beginsAt && beginsAt <= head.height ? beginsAt : next;
  yield* readBatches(node.rpc, { reading: cursor.reading, from, head, signal });
}

async function startReading(
  { rpc, registry }: IdentifiedNode,
  {
    cursor,
    beginsAt,
    head,
    signal,
  }: {
    readonly cursor: Cursor;
    readonly beginsAt: bigint;
    readonly head: BlockRef;
    readonly signal: AbortSignal;
  },
): Promise<Reading> {
  const { block, window } = cursor;
  const heights = { beginsAt, height: block?.height ?? 0n, head: head.height };
  const authority = block && (await findAuthority(rpc, { registry, ...heights, signal }));
  return { registry, beginsAt, authority, window };
}

/** The last block handed out must still be the node's; if not, either the node is not there yet or history changed. */
async function verifyContinues(
  node: IdentifiedNode,
  { block, signal }: { readonly block: BlockRef; readonly signal: AbortSignal },
): Promise<void> {
  const now = await readBlock(node.rpc, { height: block.height, signal });
  if (now?.hash === block.hash) return;
  // A node of another chain differs here too, and its name says so more clearly.
  await node.verify({ signal, knownHeight: block.height });
  if (!now) {
    const head = await readFinalHead(node.rpc, { confirmations: 0, signal });
    throw behind(node, { head, block });
  }
  throw new DewproofError(
    'EQUIVOCATION',
    `Block ${block.height} of the node at ${node.rpc.url} is not the one seen before: history was changed. Ask the operator which one holds.`,
    { details: { height: block.height, known: block.hash, shown: now.hash } },
  );
}

function behind(
  node: IdentifiedNode,
  { head, block }: { readonly head: BlockRef; readonly block: BlockRef },
): DewproofError {
  return new DewproofError(
    'LEDGER_BEHIND',
    `The node at ${node.rpc.url} stands at block ${head.height}, below block ${block.height} seen before; wait for it.`,
    { details: { head: head.height, known: block.height } },
  );
}

function isPassing(error: unknown): error is DewproofError {
  return hasCode(error, 'LEDGER_UNAVAILABLE', 'LEDGER_BEHIND');
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

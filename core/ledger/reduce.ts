import { DewproofError } from '../errors.ts';
import { applyChange, draftOf } from './apply-change.ts';
import type { EventBatch } from './events.ts';
import type { BlockRef } from './records.ts';
import type { LedgerState } from './state.ts';

/**
 * The state after a batch; `state` stays as it was, and collections that nothing touched are shared.
 * @throws EQUIVOCATION (another block at the height that the state stands at), INTERNAL (batches or events out of
 * order: the adapter broke the port's contract)
 */
export function reduceBatch(state: LedgerState, batch: EventBatch): LedgerState {
  verifyBlockFollows(state.block, batch.block);
  verifyEventOrder(state.block, batch);
  const draft = draftOf(state);
  for (const event of batch.events) applyChange(draft, event, event.at.time);
  draft.state.block = batch.block;
  return draft.state;
}

function verifyBlockFollows(last: BlockRef | undefined, next: BlockRef): void {
  if (last === undefined || next.height > last.height) return;
  if (next.height === last.height && next.hash !== last.hash) {
    throw new DewproofError(
      'EQUIVOCATION',
      'The ledger shows two blocks of one height; ask the operator which holds.',
      {
        details: { height: next.height, known: last.hash, shown: next.hash },
      },
    );
  }
  throw outOfOrder(`block ${next.height.toString()} came after block ${last.height.toString()}`);
}

function verifyEventOrder(last: BlockRef | undefined, { block, events }: EventBatch): void {
  let height = last?.height ?? -1n;
  let index = Infinity;
  for (const { at } of events) {
    const follows = at.height > height || (at.height === height && at.index > index);
    if (!follows || at.height > block.height) {
      throw outOfOrder(`event ${at.height.toString()}/${at.index} has no place in its batch`);
    }
    ({ height, index } = at);
  }
}

function outOfOrder(what: string): DewproofError {
  return new DewproofError('INTERNAL', `The ledger adapter is at fault: ${what}. Report it.`);
}

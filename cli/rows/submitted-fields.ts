import type { Bytes32 } from '../../core/digest.ts';
import type { Submitted } from '../../core/ledger/ledger.ts';
import { showTime } from '../show-time.ts';

/** What every command that wrote to the ledger says of it; `time` is the block's, ISO 8601. */
export interface SubmittedFields {
  readonly transaction: Bytes32;
  readonly block: bigint;
  readonly time: string;
}

/** Where on the ledger a command now stands. */
export function submittedFields({ transaction, block }: Submitted): SubmittedFields {
  return { transaction, block: block.height, time: showTime(block.time) };
}

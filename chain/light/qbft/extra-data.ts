import type { Account } from '../../../core/account.ts';
import { sameBytes, toHex } from '../hex.ts';
import { refuseProof } from '../refuse.ts';
import { decodeRlp, encodeRlpList, rlpBytes, rlpIntegerBytes, rlpList, type Rlp } from '../rlp.ts';

/** A proposer's vote on the set of validators. */
export interface ValidatorVote {
  readonly recipient: Account;
  readonly adds: boolean;
}

/** What a QBFT header's extraData says (Besu's QbftExtraDataCodec). */
export interface QbftExtra {
  /** Who may seal this block, ascending; empty where a contract names them. */
  readonly validators: readonly Account[];
  readonly vote: ValidatorVote | undefined;
  /** r ‖ s ‖ v, 65 bytes each. */
  readonly seals: readonly Uint8Array[];
  /** What stands before the round, as it is written. */
  readonly beforeRound: Uint8Array;
  /** The round, as it is written. */
  readonly round: Uint8Array;
}

/** Nobody runs more: each costs every block a message from every other. */
export const MAX_VALIDATORS = 128;

/** RLP of 0 and of a list of nothing. */
const ZERO = Uint8Array.of(0x80);
const NO_SEALS = Uint8Array.of(0xc0);

/** Parses `RLP[vanity, [validators], vote, round, [seals]]`. @throws PROOF_INVALID */
export function parseQbftExtra(extraData: Uint8Array): QbftExtra {
  const items = rlpList(decodeRlp(extraData));
  if (items.length !== 5) throw refuseProof('extra-shape', 'the extraData is not QBFT’s');
  const [vanity, validators, vote, round, seals] = items;
  // Besu writes 32 bytes; GoQuorum may leave them out.
  const vanityBytes = rlpBytes(vanity);
  if (vanityBytes.length !== 0) rlpBytes(vanity, 32);
  const roundBytes = rlpIntegerBytes(round, 4);
  const listed = rlpList(validators).map((item): Account => toHex(rlpBytes(item, 20)));
  const sealList = rlpList(seals).map((item) => rlpBytes(item, 65));
  if (listed.length > MAX_VALIDATORS || sealList.length > MAX_VALIDATORS) {
    throw refuseProof('extra-count', `more than ${MAX_VALIDATORS} validators`);
  }
  if (!listed.every((account, index) => index === 0 || account > (listed[index - 1] ?? ''))) {
    throw refuseProof('extra-order', 'the validators are not in ascending order, each once');
  }
  const written = locate(extraData, { vanity: vanityBytes, round: roundBytes });
  return { validators: listed, vote: parseVote(rlpList(vote)), seals: sealList, ...written };
}

/** Whether both of these are the same: in round 0, as nearly all blocks are. */
export function isSealedAsHashed({ round }: QbftExtra): boolean {
  return sameBytes(round, ZERO);
}

/** What is hashed is what stands there but for its end: taken as it is written, which is its one form, and not encoded anew. */
function locate(
  extraData: Uint8Array,
  { vanity, round }: { readonly vanity: Uint8Array; readonly round: Uint8Array },
): Pick<QbftExtra, 'beforeRound' | 'round'> {
  const base = extraData.byteOffset;
  const roundEnd = round.byteOffset + round.length - base;
  // A byte below 0x80 stands for itself; whatever else is that short has one byte before it.
  const roundStart = round.byteOffset - base - (round.length === 1 && (round[0] ?? 0) < 0x80 ? 0 : 1);
  return {
    beforeRound: extraData.subarray(vanity.byteOffset - base - 1, roundStart),
    round: extraData.subarray(roundStart, roundEnd),
  };
}

/** The extraData that the validators seal: without seals, the round kept. */
export function extraToSeal({ beforeRound, round }: QbftExtra): Uint8Array {
  return encodeRlpList([beforeRound, round, NO_SEALS]);
}

/** The extraData of which the block's hash is made: without seals, in round 0. */
export function extraToHash({ beforeRound }: QbftExtra): Uint8Array {
  return encodeRlpList([beforeRound, ZERO, NO_SEALS]);
}

function parseVote(items: readonly Rlp[]): ValidatorVote | undefined {
  if (items.length === 0) return undefined;
  const recipient = toHex(rlpBytes(items[0], 20));
  // Besu writes a vote that removes as the byte 0; GoQuorum as the integer 0, which has no bytes.
  const [type = 0, ...more] = rlpBytes(items[1]);
  if (items.length !== 2 || more.length > 0 || (type !== 0xff && type !== 0)) {
    throw refuseProof('extra-vote', 'a vote is not QBFT’s');
  }
  return { recipient, adds: type === 0xff };
}

import type { Account } from '../../../core/account.ts';
import { toHex } from '../hex.ts';
import { refuseProof } from '../refuse.ts';
import { decodeRlp, encodeRlp, rlpBytes, rlpInteger, rlpList, type Rlp } from '../rlp.ts';

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
  readonly items: readonly Rlp[];
}

/** Nobody runs more: each costs every block a message from every other. */
export const MAX_VALIDATORS = 128;

const EMPTY = new Uint8Array(0);

/** Parses `RLP[vanity, [validators], vote, round, [seals]]`. @throws PROOF_INVALID */
export function parseQbftExtra(extraData: Uint8Array): QbftExtra {
  const items = rlpList(decodeRlp(extraData));
  if (items.length !== 5) throw refuseProof('extra-shape', 'the extraData is not QBFT’s');
  const [vanity, validators, vote, round, seals] = items;
  // Besu writes 32 bytes; GoQuorum may leave them out.
  if (rlpBytes(vanity).length !== 0) rlpBytes(vanity, 32);
  rlpInteger(round, 4);
  const listed = rlpList(validators).map((item): Account => toHex(rlpBytes(item, 20)));
  const sealList = rlpList(seals).map((item) => rlpBytes(item, 65));
  if (listed.length > MAX_VALIDATORS || sealList.length > MAX_VALIDATORS) {
    throw refuseProof('extra-count', `more than ${MAX_VALIDATORS} validators`);
  }
  if (!listed.every((account, index) => index === 0 || account > (listed[index - 1] ?? ''))) {
    throw refuseProof('extra-order', 'the validators are not in ascending order, each once');
  }
  return { validators: listed, vote: parseVote(rlpList(vote)), seals: sealList, items };
}

/** The extraData that the validators seal: without seals, the round kept. */
export function extraToSeal({ items }: QbftExtra): Uint8Array {
  return encodeRlp([...items.slice(0, 4), []]);
}

/** The extraData of which the block's hash is made: without seals, in round 0. */
export function extraToHash({ items }: QbftExtra): Uint8Array {
  return encodeRlp([...items.slice(0, 3), EMPTY, []]);
}

function parseVote(items: readonly Rlp[]): ValidatorVote | undefined {
  if (items.length === 0) return undefined;
  const recipient = toHex(rlpBytes(items[0], 20));
  const type = rlpBytes(items[1], 1)[0];
  if (items.length !== 2 || (type !== 0xff && type !== 0)) throw refuseProof('extra-vote', 'a vote is not QBFT’s');
  return { recipient, adds: type === 0xff };
}

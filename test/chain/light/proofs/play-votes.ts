import fc from 'fast-check';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import type { ProofCrypto } from '../../../../chain/light/crypto/proof-crypto.ts';
import { fromHex, toHex } from '../../../../chain/light/hex.ts';
import { parseHeader, type Header } from '../../../../chain/light/qbft/header.ts';
import type { QbftFinality } from '../../../../chain/light/qbft/verify-qbft.ts';
import { decodeRlp, encodeRlp, rlpBytes, rlpList } from '../../../../chain/light/rlp.ts';
import type { Account } from '../../../../core/account.ts';
import { quorumOf } from '../../../../core/state/quorum.ts';
import { plainHeader, replaceItem, sealAsQbft } from '../../../support/test-validators.ts';
import { modelVotes, type Tally } from './model-votes.ts';

/** Seals that say who made them: a history has hundreds, and who signed is not what is tested here. */
export const crypto: ProofCrypto = { ...nobleCrypto, recover: (seal) => toHex(seal.subarray(0, 20)) };
/** Who may ever be a validator, ascending. */
export const everybody = Array.from({ length: 9 }, (_, index): Account => `0x${String(index + 1).repeat(40)}`);

/** What happens in one block: whose turn it is, whether it votes, on whom. */
const turnArbitrary = fc.record({
  proposer: fc.nat(7),
  sealers: fc.nat(7),
  votes: fc.integer({ min: 0, max: 3 }).map((one) => one > 0),
  on: fc.nat({ max: 3 }),
  takesBack: fc.nat(9).map((one) => one === 0),
  /** Seals more than a quorum, as far as there are members. */
  more: fc.nat(2),
});
/** Who votes on whom, block by block, now and then to take a vote back. */
export const historyArbitrary = fc.record({
  members: fc.integer({ min: 3, max: 6 }),
  epochLength: fc.constantFrom(10, 16, 1_000),
  turns: fc.array(turnArbitrary, { minLength: 20, maxLength: 45 }),
});
type History = typeof historyArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** A history as a node has it, and what came of its votes. */
export interface Chain {
  readonly finality: QbftFinality;
  /** By height; the anchor's block, of height 0, is none of them. */
  readonly headers: readonly (Header | undefined)[];
  /** After each block. */
  readonly tallies: readonly Tally[];
}

/** Plays a history by the model: each block lists whom the blocks before it made members, sealed by a quorum. */
export function play({ members, epochLength, turns }: History): Chain {
  const validators = everybody.slice(0, members);
  const model = modelVotes(validators, epochLength);
  const headers: (Header | undefined)[] = [undefined];
  const tallies: Tally[] = [model.tally()];
  turns.forEach(({ proposer, sealers, votes: isVote, on, takesBack, more }, index) => {
    const set = model.tally().validators;
    const voter = set[proposer % set.length] ?? everybody[0] ?? '0x';
    const recipient = everybody[on * 2] ?? '0x';
    const adds = set.includes(recipient) === takesBack;
    const cast = isVote && (set.length > 2 || adds) ? { recipient, adds } : undefined;
    headers.push(headerOf(BigInt(index + 1), { set, from: sealers, voter, cast, seals: quorumOf(set.length) + more }));
    model.take(index + 1, cast && { voter, ...cast });
    tallies.push(model.tally());
  });
  return { finality: finalityOf({ validators, epochLength }), headers, tallies };
}

/** Whom an anchor trusts from before the first block on. */
export function finalityOf(trusted: Pick<QbftFinality, 'validators' | 'epochLength'>): QbftFinality {
  return { kind: 'qbft', height: 0, hash: `0x${'00'.repeat(32)}`, ...trusted };
}

/** A header that lists `set`, sealed by `seals` of them from one on; `voter` proposed it. */
export function headerOf(
  height: bigint,
  {
    set,
    from,
    voter,
    cast,
    seals: count = quorumOf(set.length),
  }: {
    readonly set: readonly Account[];
    readonly from: number;
    readonly seals?: number;
    readonly voter: Account;
    readonly cast: { readonly recipient: Account; readonly adds: boolean } | undefined;
  },
): Header {
  const raw = sealAsQbft(plainHeader({ height }), {
    validators: set,
    sealers: [],
    coinbase: voter,
    ...(cast && { vote: cast }),
  });
  const items = rlpList(decodeRlp(raw));
  const first = from % set.length;
  const seals = [...set.slice(first), ...set.slice(0, first)]
    .slice(0, count)
    .map((account) => Uint8Array.from([...fromHex(account), ...new Uint8Array(45)]));
  const extra = encodeRlp(replaceItem(decodeRlp(rlpBytes(items[12])), { path: [4], by: seals }));
  return parseHeader(encodeRlp(replaceItem(items, { path: [12], by: extra })));
}

/** The header of a block. */
export const headerIn = ({ headers }: Chain, height: number): Header => {
  const header = headers[height];
  if (!header) throw new TypeError(`no block ${height}`);
  return header;
};

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { accountOfKey } from '../../chain/light/crypto/account-of-key.ts';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { fromHex, toHex } from '../../chain/light/hex.ts';
import { parseHeader } from '../../chain/light/qbft/header.ts';
import { parseQbftExtra } from '../../chain/light/qbft/extra-data.ts';
import { blockHash, sealedHash } from '../../chain/light/qbft/header-hash.ts';
import { encodeRlp, integerBytes, isBytes, decodeRlp, rlpList, type Rlp } from '../../chain/light/rlp.ts';
import type { Account } from '../../core/account.ts';

/** A validator of a network of our own making. */
export interface TestValidator {
  readonly account: Account;
  readonly privateKey: Uint8Array;
}

/** Validators in ascending order of their accounts, as headers list them; the same at every run. */
export function createValidators(count: number, { from = 1 } = {}): readonly TestValidator[] {
  return Array.from({ length: count }, (_, index): TestValidator => {
    const privateKey = nobleCrypto.keccak256(Buffer.from(`validator ${from + index}`));
    const account = accountOfKey(secp256k1.getPublicKey(privateKey, false), nobleCrypto.keccak256);
    return { account, privateKey };
  }).sort((one, other) => (one.account < other.account ? -1 : 1));
}

/** r ‖ s ‖ v over a hash, s low. */
export function sealHash(hash: Uint8Array, { privateKey }: Pick<TestValidator, 'privateKey'>): Uint8Array {
  const [recovery = 0, ...rs] = secp256k1.sign(hash, privateKey, { prehash: false, format: 'recovered' });
  return Uint8Array.from([...rs, recovery]);
}

/** What is to stand in a header's extraData. */
export interface Sealing {
  /** What the header lists. */
  readonly validators: readonly Account[];
  readonly sealers: readonly TestValidator[];
  readonly vote?: { readonly recipient: Account; readonly adds: boolean };
  readonly round?: bigint;
  readonly coinbase?: Account;
}

const BFT_MIX_HASH = fromHex('0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365');

/** Makes a QBFT header out of any block's: the state stays, the rest is Besu's, sealed by `sealers`. */
export function sealAsQbft(
  raw: Uint8Array,
  { validators, sealers, vote, round = 0n, coinbase }: Sealing,
  change: Readonly<Record<number, Rlp>> = {},
): Uint8Array {
  const extraOf = (seals: readonly Uint8Array[]) =>
    encodeRlp([
      new Uint8Array(32),
      validators.map(fromHex),
      vote ? [fromHex(vote.recipient), Uint8Array.of(vote.adds ? 0xff : 0)] : [],
      integerBytes(round),
      seals,
    ]);
  const items = [...rlpList(decodeRlp(raw))];
  const proposer = coinbase ?? validators[0];
  if (proposer) items[2] = fromHex(proposer);
  items[7] = Uint8Array.of(1);
  items[13] = BFT_MIX_HASH;
  for (const [index, item] of Object.entries(change)) items[Number(index)] = item;
  const withExtra = (extraData: Uint8Array) => encodeRlp(items.map((item, index) => (index === 12 ? extraData : item)));
  const unsealed = parseHeader(withExtra(extraOf([])));
  const hash = sealedHash({ header: unsealed, extra: parseQbftExtra(unsealed.extraData) }, nobleCrypto);
  return withExtra(extraOf(sealers.map((sealer) => sealHash(hash, sealer))));
}

/** A header that stands for the block at `height`, of no chain in particular. */
export function plainHeader({
  height,
  time = 1_700_000_000n + height,
  stateRoot = new Uint8Array(32),
}: {
  readonly height: bigint;
  readonly time?: bigint;
  readonly stateRoot?: Uint8Array;
}): Uint8Array {
  const hash = new Uint8Array(32);
  return encodeRlp([
    hash,
    hash,
    new Uint8Array(20),
    stateRoot,
    hash,
    hash,
    new Uint8Array(256),
    integerBytes(0n),
    integerBytes(height),
    integerBytes(30_000_000n),
    integerBytes(0n),
    integerBytes(time),
    new Uint8Array(0),
    hash,
    new Uint8Array(8),
    integerBytes(7n),
  ]);
}

/** A header's block hash, as its node would give it. */
export function hashOf(raw: Uint8Array): `0x${string}` {
  return toHex(blockHash(parseHeader(raw), nobleCrypto));
}

/** A copy of an RLP value in which the item at `path` is another one. */
export function replaceItem(item: Rlp, { path, by }: { readonly path: readonly number[]; readonly by: Rlp }): Rlp {
  const [index, ...rest] = path;
  if (index === undefined) return by;
  if (isBytes(item)) throw new TypeError('no list there');
  return item.map((inner, at) => (at === index ? replaceItem(inner, { path: rest, by }) : inner));
}

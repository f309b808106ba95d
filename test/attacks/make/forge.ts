import { encodeBundle } from '../../../chain/light/bundle/encode-bundle.ts';
import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { fromHex } from '../../../chain/light/hex.ts';
import type { Claims } from '../../../chain/light/make/build-bundle.ts';
import { encodeRlp, integerBytes, type Rlp } from '../../../chain/light/rlp.ts';
import { nibblesOf } from '../../../chain/light/trie/parse-path.ts';
import { accountsOf, four, HEIGHT } from '../../support/test-bundles.ts';
import { codeHash, registry } from '../../support/test-registry.ts';
import { plainHeader, sealAsQbft } from '../../support/test-validators.ts';
import { hexPrefix } from '../../support/trie-builder.ts';

const { keccak256 } = nobleCrypto;

/** A state that a quorum sealed, whatever it looks like. */
export interface Forgery {
  readonly claims: Claims;
  readonly storageRoot?: Uint8Array;
  /** The registry's account; the right one with `storageRoot`, unless said otherwise. */
  readonly account?: Uint8Array;
  /** Of the state trie; one leaf for the account, unless said otherwise. */
  readonly stateNodes?: readonly Uint8Array[];
  readonly stateRoot?: Uint8Array;
  readonly storageNodes: readonly Uint8Array[];
}

/** The path of the registry's account in the state trie, in nibbles. */
export const registryPath = [...nibblesOf(keccak256(fromHex(registry)))];

/** A bundle of nodes as they are given, under three of four good seals. */
export function forge({ claims, storageNodes, ...rest }: Forgery): Uint8Array {
  const storageRoot = rest.storageRoot ?? keccak256(storageNodes[0] ?? Uint8Array.of(0x80));
  const account = rest.account ?? accountOf({ storageRoot });
  const stateNodes = rest.stateNodes ?? [encodeRlp([hexPrefix(registryPath, true), account])];
  const stateRoot = rest.stateRoot ?? keccak256(stateNodes[0] ?? new Uint8Array(0));
  const sealing = { validators: accountsOf(four), sealers: four.slice(0, 3) };
  const header = sealAsQbft(plainHeader({ height: HEIGHT, stateRoot }), sealing);
  return encodeBundle({ changes: [], header, note: undefined, ...claims, nodes: [...stateNodes, ...storageNodes] });
}

/** A contract's account, as the state trie holds it. */
export function accountOf({
  nonce = integerBytes(1n),
  balance = integerBytes(0n),
  storageRoot,
  code = fromHex(codeHash),
}: {
  readonly nonce?: Rlp;
  readonly balance?: Rlp;
  readonly storageRoot: Rlp;
  readonly code?: Rlp;
}): Uint8Array {
  return encodeRlp([nonce, balance, storageRoot, code]);
}

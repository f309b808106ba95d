import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { encodeRlp, type Rlp } from '../../../chain/light/rlp.ts';
import { hexPrefix } from '../../support/trie-builder.ts';

const none = new Uint8Array(0);

/** A leaf's item. */
export function leaf(path: readonly number[], value: Rlp): Rlp {
  return [hexPrefix(path, true), value];
}

/** An extension's item. */
export function extension(path: readonly number[], child: Rlp): Rlp {
  return [hexPrefix(path, false), child];
}

/** A branch's item; `16` is its value. */
export function branch(children: Readonly<Record<number, Rlp>>): Rlp {
  return Array.from({ length: 17 }, (_, index): Rlp => children[index] ?? none);
}

/** The hash of a node. */
export function hashOfNode(node: Rlp): Uint8Array {
  return nobleCrypto.keccak256(encodeRlp(node));
}

import type { SetChange } from '../../chain/light/bundle/proof-bundle.ts';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { fromHex } from '../../chain/light/hex.ts';
import { recordNodes } from '../../chain/light/make/record-nodes.ts';
import { elementSlots } from '../../chain/light/qbft/element-slots.ts';
import { parseHeader } from '../../chain/light/qbft/header.ts';
import { readNamed } from '../../chain/light/qbft/read-named.ts';
import { encodeRlp, integerBytes } from '../../chain/light/rlp.ts';
import type { Account } from '../../core/account.ts';
import { hasCode } from '../../core/errors.ts';
import type { AnchorOf } from '../../core/state/anchor.ts';
import type { ValidatorContract } from '../../core/state/finality.ts';
import { qbftAnchor } from './test-bundles.ts';
import { plainHeader, sealAsQbft, type Sealing, type TestValidator } from './test-validators.ts';
import { buildTrie, type BuiltTrie } from './trie-builder.ts';

const { keccak256 } = nobleCrypto;

/** The contract that names the tests' validators. */
export const validatorContract: ValidatorContract = {
  address: `0x${'77'.repeat(20)}`,
  codeHash: `0x${'cd'.repeat(32)}`,
  slot: `0x${'00'.repeat(31)}01`,
};

/** An anchor that trusts `validators` from block 100 on, and whom the contract names since. */
export function namedAnchor(validators: readonly TestValidator[]): AnchorOf<'qbft'> {
  const anchor = qbftAnchor(validators);
  return { ...anchor, finality: { ...anchor.finality, contract: validatorContract } };
}

/** What a state holds of the contract: its list as bytes, without leading zeros, and what else is unusual. */
export interface NamedState {
  readonly elements: readonly Uint8Array[];
  /** The array's length, where it is not that of the list. */
  readonly length?: bigint;
  readonly contract?: ValidatorContract;
}

/** The elements of an array that names accounts, in this order. */
export function elementsOf(accounts: readonly Account[]): readonly Uint8Array[] {
  return accounts.map((account) => integerBytes(BigInt(account)));
}

/** The trie of a state in which the contract stands beside others, and has other slots too. */
export function buildNamedState({ elements, length, contract = validatorContract }: NamedState): BuiltTrie {
  const slot = fromHex(contract.slot);
  const listed = elementSlots({ slot, count: elements.length }, nobleCrypto).map(
    (place, index) => [place, elements[index] ?? new Uint8Array(0)] as const,
  );
  const others = [2, 3, 4].map((byte) => [new Uint8Array(32).fill(byte), Uint8Array.of(byte)] as const);
  const count = integerBytes(length ?? BigInt(elements.length));
  const slots = [[slot, count] as const, ...listed, ...others].filter(([, value]) => value.length > 0);
  const storage = buildTrie(slots.map(([place, value]) => [keccak256(place), encodeRlp(value)]));
  const account = encodeRlp([integerBytes(1n), integerBytes(0n), storage.root, fromHex(contract.codeHash)]);
  const accounts = Array.from(
    { length: 6 },
    (_, index) => [keccak256(Uint8Array.of(index)), Uint8Array.of(1)] as const,
  );
  const state = buildTrie([[keccak256(fromHex(contract.address)), account], ...accounts]);
  return { root: state.root, nodes: [...state.nodes, ...storage.nodes] };
}

/** The nodes that a check takes of a state until it ends, in the order in which it takes them. */
export function nodesTaken({ root, nodes }: BuiltTrie, contract = validatorContract): readonly Uint8Array[] {
  const pile = recordNodes(nodes, nobleCrypto);
  try {
    readNamed(pile, { stateRoot: root, contract, crypto: nobleCrypto });
  } catch (error) {
    if (!hasCode(error, 'PROOF_INVALID', 'WRONG_CHAIN')) throw error;
  }
  return pile.recorded();
}

/** How a change's header is sealed; of its list, where it has one. */
export type NamedSealing = Omit<Sealing, 'validators'> & {
  readonly listed?: readonly Account[];
  readonly time?: bigint;
};

/** A header at `height` of a state, which lists nobody unless said otherwise. */
export function headerOf(
  height: bigint,
  { stateRoot, listed = [], time, ...sealing }: NamedSealing & { readonly stateRoot: Uint8Array },
): Uint8Array {
  const plain = plainHeader({ height, stateRoot, ...(time !== undefined && { time }) });
  return sealAsQbft(plain, {
    validators: listed,
    coinbase: sealing.sealers[0]?.account ?? `0x${'00'.repeat(20)}`,
    ...sealing,
  });
}

/** A change: a header at `height` whose state is `state`, and the nodes that prove whom the contract names there. */
export function namedChange(height: bigint, state: NamedState, sealing: NamedSealing): SetChange {
  const trie = buildNamedState(state);
  return [headerOf(height, { stateRoot: trie.root, ...sealing }), ...nodesTaken(trie)];
}

/** A change's header alone. */
export function rawOf(change: SetChange): Uint8Array {
  return change instanceof Uint8Array ? change : change[0];
}

/** A change's nodes, as another change of the same header. */
export function withNodes(change: SetChange, edit: (nodes: readonly Uint8Array[]) => readonly Uint8Array[]): SetChange {
  return change instanceof Uint8Array ? change : [change[0], ...edit(change.slice(1))];
}

/** The height of a change's header. */
export function heightOf(change: SetChange): bigint {
  return parseHeader(rawOf(change)).height;
}

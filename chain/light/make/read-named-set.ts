import type { Account } from '../../../core/account.ts';
import { hasCode } from '../../../core/errors.ts';
import type { ValidatorContract } from '../../../core/state/finality.ts';
import type { Rpc } from '../../evm/json-rpc.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { fromHex } from '../hex.ts';
import { elementSlots } from '../qbft/element-slots.ts';
import { MAX_VALIDATORS } from '../qbft/extra-data.ts';
import type { Header } from '../qbft/header.ts';
import { readNamed } from '../qbft/read-named.ts';
import { readNodes } from './read-nodes.ts';
import { recordNodes } from './record-nodes.ts';

/** The validators whom a contract names in the state of one block, ascending, and the nodes that prove it, as a change carries them. */
export interface NamedSet {
  readonly validators: readonly Account[];
  readonly nodes: readonly Uint8Array[];
}

/**
 * Asks a node for the proof of whom the contract names in the state of a header, and checks it; `expected` is how many
 * they are likely to be. @throws LEDGER_UNAVAILABLE, PROOF_INVALID, WRONG_CHAIN, NOT_PROVED (the node has no state of that
 * block any more)
 */
export async function readNamedSet(
  { header, expected }: { readonly header: Header; readonly expected: number },
  { contract, rpc, crypto }: { readonly contract: ValidatorContract; readonly rpc: Rpc; readonly crypto: ProofCrypto },
): Promise<NamedSet> {
  const { height, stateRoot } = header;
  const slot = fromHex(contract.slot);
  const proveFirst = async (count: number): Promise<NamedSet> => {
    const slots = [slot, ...elementSlots({ slot, count }, crypto)];
    const pile = recordNodes(await readNodes({ contract: contract.address, slots, height }, { rpc }), crypto);
    return { validators: readNamed(pile, { stateRoot, contract, crypto }), nodes: pile.recorded() };
  };
  try {
    return await proveFirst(expected);
  } catch (error) {
    if (!isNodeMissing(error)) throw error;
    // There are more of them than was asked for.
    return await proveFirst(MAX_VALIDATORS);
  }
}

function isNodeMissing(error: unknown): boolean {
  return hasCode(error, 'PROOF_INVALID') && error.details['check'] === 'node-missing';
}

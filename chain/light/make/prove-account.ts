import type { Anchor } from '../../../core/state/anchor.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { parseHeader } from '../qbft/header.ts';
import { readAccount } from '../read-account.ts';
import { recordNodes } from './record-nodes.ts';

/** The registry's storage root in one block, and the nodes of the block's state that prove it. */
export interface ProvedAccount {
  readonly storageRoot: Uint8Array;
  readonly nodes: readonly Uint8Array[];
}

/** Proves the registry's account under a header (RLP) by whatever nodes there are. @throws PROOF_INVALID, WRONG_CHAIN */
export function proveAccount(
  { header, nodes }: { readonly header: Uint8Array; readonly nodes: readonly Uint8Array[] },
  { anchor, crypto }: { readonly anchor: Anchor; readonly crypto: ProofCrypto },
): ProvedAccount {
  const pile = recordNodes(nodes, crypto);
  const { stateRoot } = parseHeader(header);
  const contract = { address: anchor.registry, codeHash: anchor.codeHash };
  const storageRoot = readAccount(pile, { stateRoot, contract, crypto });
  return { storageRoot, nodes: pile.recorded() };
}

import { DewproofError } from '../../../core/errors.ts';
import type { AnchorOf } from '../../../core/state/anchor.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import type { Finalized } from '../finalized.ts';
import { toHex } from '../hex.ts';
import type { Header } from '../qbft/header.ts';
import { blockHash } from '../qbft/header-hash.ts';
import { noteBody } from './note-body.ts';
import { verifyNote } from './verify-note.ts';

/**
 * Verifies that the anchor's witnesses vouch for `head`, on the anchor's chain.
 * @throws PROOF_INVALID, QUORUM, ROLLBACK (a block before the tenant's first)
 */
export function verifyWitnessed(
  { head, note }: { readonly head: Header; readonly note: Uint8Array },
  { anchor, crypto }: { readonly anchor: AnchorOf<'witnesses'>; readonly crypto: ProofCrypto },
): Finalized {
  if (head.height < BigInt(anchor.beginsAt)) {
    throw new DewproofError('ROLLBACK', `Block ${head.height} is older than the tenant; fetch a newer one.`);
  }
  const { chain, genesis, finality } = anchor;
  const hash = toHex(blockHash(head, crypto));
  const body = noteBody({ chain, genesis, height: head.height, hash });
  return { head, hash, ...verifyNote({ note, body }, finality), members: finality.witnesses.length };
}

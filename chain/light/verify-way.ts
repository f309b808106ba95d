import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { ProofBundle } from './bundle/proof-bundle.ts';
import type { ProofCrypto } from './crypto/proof-crypto.ts';
import { toHex } from './hex.ts';
import { parseHeader, type Header } from './qbft/header.ts';
import { blockHash } from './qbft/header-hash.ts';

/**
 * Refuses a way to the head that leads by another block of the checkpoint's height: the head may lie above it, and be of
 * the history that the roots disowned. What a way does not pass it does not tell. @throws EQUIVOCATION, PROOF_INVALID
 */
export function verifyWay(
  { changes }: Pick<ProofBundle, 'changes'>,
  { anchor, crypto }: { readonly anchor: Pick<Anchor, 'checkpoint'>; readonly crypto: Pick<ProofCrypto, 'keccak256'> },
): void {
  const { checkpoint } = anchor;
  if (checkpoint === undefined) return;
  for (const change of changes) {
    const header = parseHeader(change instanceof Uint8Array ? change : change[0]);
    if (header.height === BigInt(checkpoint.height)) verifyIsBlock(header, { checkpoint, crypto });
  }
}

function verifyIsBlock(
  header: Header,
  {
    checkpoint: { height, hash },
    crypto,
  }: { readonly checkpoint: Anchor['checkpoint'] & object; readonly crypto: Pick<ProofCrypto, 'keccak256'> },
): void {
  const found = toHex(blockHash(header, crypto));
  if (found === hash) return;
  throw new DewproofError(
    'EQUIVOCATION',
    `The way to the block leads by block ${found} at the checkpoint's height ${height}, not ${hash}; keep it as evidence.`,
  );
}

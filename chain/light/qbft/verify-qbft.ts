import { DewproofError } from '../../../core/errors.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import type { SetChange } from '../bundle/proof-bundle.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import type { Finalized } from '../finalized.ts';
import { toHex } from '../hex.ts';
import { refuseProof } from '../refuse.ts';
import { beginTrust } from './begin-trust.ts';
import { followChange, followHead } from './follow-validators.ts';
import type { Header } from './header.ts';
import { blockHash, hashedExtra } from './header-hash.ts';
import type { QbftHeader } from './recover-sealers.ts';
import { verifyListless } from './verify-listless.ts';
import { verifySeals } from './verify-seals.ts';

/** What a qbft anchor says. */
export type QbftFinality = Extract<Anchor['finality'], { kind: 'qbft' }>;

/**
 * Verifies that the anchor's validators, or those they were followed by, sealed `head`: `changes` are what changed the
 * set since, oldest first.
 * @throws PROOF_INVALID, QUORUM, WRONG_CHAIN (the validators' contract has other code), ROLLBACK (older than the anchor), EQUIVOCATION (another block at the anchor's height)
 */
export function verifyQbft(
  { changes, head }: { readonly changes: readonly SetChange[]; readonly head: Header },
  { finality, crypto }: Deps,
): Finalized {
  const begins = BigInt(finality.height);
  if (head.height < begins) {
    throw new DewproofError(
      'ROLLBACK',
      `Block ${head.height} is older than the anchor's ${begins}; fetch a newer one.`,
    );
  }
  const extra = hashedExtra(head);
  // Of any other header the hash would cover the seals, and one block would have as many hashes as sets of seals.
  if (!extra) throw refuseProof('header-mix', 'its mixHash is not that of QBFT');
  if (finality.contract) verifyListless(extra);
  const hashBytes = blockHash(head, crypto, extra);
  const hash = toHex(hashBytes);
  const sealed = { header: head, extra, hash: hashBytes };
  const { sealers, validators } =
    head.height === begins
      ? verifyAnchored({ sealed, hash, changes }, { finality, crypto })
      : follow({ changes, sealed }, { finality, crypto });
  return { head, hash, attestedAt: head.time, signers: sealers, members: validators.length };
}

interface Deps {
  readonly finality: QbftFinality;
  readonly crypto: ProofCrypto;
}

function follow(
  { changes, sealed }: { readonly changes: readonly SetChange[]; readonly sealed: QbftHeader },
  { finality, crypto }: Deps,
) {
  const deps = { crypto, epochLength: BigInt(finality.epochLength), contract: finality.contract };
  let trusted = beginTrust(finality);
  for (const change of changes) trusted = followChange(trusted, change, deps);
  return followHead(trusted, sealed, deps);
}

function verifyAnchored(
  {
    sealed,
    hash,
    changes,
  }: { readonly sealed: QbftHeader; readonly hash: string; readonly changes: readonly unknown[] },
  { finality, crypto }: Deps,
) {
  if (hash !== finality.hash) {
    throw new DewproofError(
      'EQUIVOCATION',
      `The block at the anchor's height ${finality.height} is ${hash}, not ${finality.hash}; keep it as evidence.`,
    );
  }
  const { validators } = finality;
  const unneeded = changes.length > 0;
  if (unneeded) throw new DewproofError('PROOF_INVALID', 'Headers come before the anchor’s; fetch another proof.');
  return { validators, sealers: verifySeals(sealed, { validators, crypto }) };
}

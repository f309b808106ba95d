import { DewproofError } from '../../core/errors.ts';
import type { Anchor, AnchorOf } from '../../core/state/anchor.ts';
import { decodeBundle } from './bundle/decode-bundle.ts';
import type { ProofBundle } from './bundle/proof-bundle.ts';
import type { ProofCrypto } from './crypto/proof-crypto.ts';
import { proveFacts } from './facts/prove-facts.ts';
import type { ProvedFacts } from './facts/proved-facts.ts';
import { openSlots } from './facts/read-slots.ts';
import { createStorageSlots } from './facts/storage-slots.ts';
import type { Finalized } from './finalized.ts';
import { parseHeader } from './qbft/header.ts';
import { verifyQbft } from './qbft/verify-qbft.ts';
import { readAccount } from './read-account.ts';
import { refuseProof } from './refuse.ts';
import { pileNodes } from './trie/node-pile.ts';
import { verifyCheckpoint } from './verify-checkpoint.ts';
import { verifyWay } from './verify-way.ts';
import { verifyWitnessed } from './witness/verify-witnessed.ts';

/** What a bundle proves: facts of one block, and who vouches for it. */
export interface CheckedBundle {
  readonly finalized: Finalized;
  /** Where it has not changed since another bundle, nothing in the registry has. */
  readonly storageRoot: Uint8Array;
  readonly facts: ProvedFacts;
}

/**
 * How far ahead of a credible clock (seconds) a block may lie: operators' clocks differ too. More than that and someone
 * is winding the device's time forward, past which it would take every true block for stale.
 */
const MAX_AHEAD_SECONDS = 600n;

/**
 * Checks a bundle against an anchor and nothing else; `now` (Unix seconds) is a clock that the device believes, 0 where
 * it has none, and then no block is taken to be ahead of its time. The age of what is proved is for the caller to judge.
 * @throws SCHEMA, TOO_DEEP, ENDLESS_DATA (no bundle); QUORUM, PROOF_INVALID, WRONG_CHAIN (proves nothing);
 * ROLLBACK, EQUIVOCATION (against the anchor's own block or checkpoint); CONFIG (the anchor trusts a node)
 */
export function checkBundle(
  bytes: Uint8Array,
  { anchor, now, crypto }: { readonly anchor: Anchor; readonly now: bigint; readonly crypto: ProofCrypto },
): CheckedBundle {
  const bundle = decodeBundle(bytes);
  const finalized = verifyFinality(bundle, { anchor, crypto });
  verifyCheckpoint(finalized, anchor);
  verifyWay(bundle, { anchor, crypto });
  verifyNotAhead(finalized, now);
  const pile = pileNodes(bundle.nodes, crypto);
  const registry = { address: anchor.registry, codeHash: anchor.codeHash };
  const storageRoot = readAccount(pile, { stateRoot: finalized.head.stateRoot, contract: registry, crypto });
  const reader = openSlots(pile, { root: storageRoot, crypto });
  const facts = proveFacts(bundle, { reader, slots: createStorageSlots(crypto), crypto });
  pile.finish();
  return { finalized, storageRoot, facts };
}

function verifyFinality(
  { header, changes, note }: ProofBundle,
  { anchor, crypto }: { readonly anchor: Anchor; readonly crypto: ProofCrypto },
): Finalized {
  const { finality } = anchor;
  const head = parseHeader(header);
  switch (finality.kind) {
    case 'qbft':
      if (note) throw refuseProof('note-extra', 'a note stands where seals count');
      return verifyQbft({ changes, head }, { finality, crypto });
    case 'witnesses':
      if (changes.length > 0) throw refuseProof('change-extra', 'headers stand where a note counts');
      if (!note) throw refuseProof('note-missing', "the witnesses' note is missing");
      return verifyWitnessed({ head, note }, { anchor: anchor as AnchorOf<'witnesses'>, crypto });
    case 'rpc':
      throw new DewproofError(
        'CONFIG',
        'The anchor trusts a node, so no proof counts; get an anchor that names validators or witnesses.',
      );
  }
}

function verifyNotAhead({ head, attestedAt }: Finalized, now: bigint): void {
  if (now === 0n) return;
  const latest = head.time > attestedAt ? head.time : attestedAt;
  if (latest > now + MAX_AHEAD_SECONDS) throw refuseProof('time-ahead', 'its block lies in the future');
}

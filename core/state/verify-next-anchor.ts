import type { Account } from '../account.ts';
import { DewproofError } from '../errors.ts';
import { MAX_VERSION_JUMP } from '../ledger/version-jump.ts';
import type { IsSignedBy } from '../signatures.ts';
import type { Anchor } from './anchor.ts';
import { messageOfAnchor } from './anchor-message.ts';
import type { SignedAnchor } from './signed-anchor.ts';

type Roots = NonNullable<Anchor['roots']>;

/**
 * Verifies that `next` may take the place of `current`, and answers it (The Update Framework 1.0.34, section 5.3): it is
 * newer, of the same tenant and chain, not weaker than an anchor can be made from afar, and signed by as many roots of
 * `current` as must sign, and by as many of its own. Unlike TUF's, versions may be passed over: each is signed by roots
 * that this device trusts already. Time does not count: an anchor does not expire.
 * @throws ROLLBACK (not newer, or it lets older blocks count), WRONG_CHAIN (another tenant's or chain's), EQUIVOCATION
 * (another block where `current` has its own), PROOF_INVALID (weaker), FAST_FORWARD (a version that leaves no room),
 * QUORUM (too few roots signed)
 */
export function verifyNextAnchor(
  { current, next }: { readonly current: Anchor; readonly next: SignedAnchor },
  { isSignedBy }: { readonly isSignedBy: IsSignedBy },
): Anchor {
  const { anchor, signatures } = next;
  verifyNewer([current, anchor]);
  verifySubject([current, anchor]);
  const { roots } = current;
  if (roots === undefined) {
    throw new DewproofError(
      'QUORUM',
      'The anchor in use names no roots, so that nobody can replace it from afar; put the new file in its place by hand.',
    );
  }
  const message = messageOfAnchor(anchor);
  const didSign = createDidSign(signatures, { message, isSignedBy });
  // The old roots first: until then whom the new one names is an attacker's choice.
  verifyThreshold(roots, { didSign, whose: 'the anchor in use' });
  verifyNotWeaker([current, anchor]);
  if (anchor.roots !== undefined) verifyThreshold(anchor.roots, { didSign, whose: 'the new anchor' });
  return anchor;
}

function verifyNewer([current, next]: readonly [Anchor, Anchor]): void {
  if (next.version > current.version) return;
  throw new DewproofError(
    'ROLLBACK',
    `The anchor has version ${next.version} and ${current.version} is in use; get a newer one.`,
  );
}

function verifySubject([current, next]: readonly [Anchor, Anchor]): void {
  for (const field of ['tenant', 'chain', 'genesis'] as const) {
    if (next[field] === current[field]) continue;
    throw new DewproofError(
      'WRONG_CHAIN',
      `The anchor's ${field} is ${next[field]} and not ${current[field]}; a device is moved there by hand only.`,
    );
  }
}

/** Answers, once for each account, whether it signed: an account that both sets name costs one check. */
function createDidSign(
  signatures: SignedAnchor['signatures'],
  { message, isSignedBy }: { readonly message: Uint8Array; readonly isSignedBy: IsSignedBy },
): (account: Account) => boolean {
  const byAccount = new Map(signatures.map(({ account, signature }) => [account, signature]));
  const known = new Map<Account, boolean>();
  return (account) => {
    const signature = byAccount.get(account);
    const found = known.get(account) ?? (signature !== undefined && isSignedBy({ account, message, signature }));
    known.set(account, found);
    return found;
  };
}

/** Strangers' signatures and wrong ones do not count, and spoil nothing: a relay may have added them. */
function verifyThreshold(
  { threshold, accounts }: Roots,
  { didSign, whose }: { readonly didSign: (account: Account) => boolean; readonly whose: string },
): void {
  const signed = accounts.filter(didSign).length;
  if (signed >= threshold) return;
  throw new DewproofError(
    'QUORUM',
    `${signed} of the ${threshold} roots of ${whose} that must sign did; have the others sign (\`dewproof anchor sign\`).`,
    { details: { signed, threshold } },
  );
}

/** What roots themselves may not do from afar: an oversight of theirs must not cost every device a visit. */
function verifyNotWeaker([current, next]: readonly [Anchor, Anchor]): void {
  if (next.roots === undefined) {
    throw weaker('roots', 'it names no roots, so that nobody could ever replace it');
  }
  if (next.finality.kind === 'rpc' && current.finality.kind !== 'rpc') {
    throw weaker('finality', 'it trusts a node where the one in use trusts none');
  }
  verifyBeginning([current, next]);
  verifyRoomAbove([current, next]);
  verifyFloor([current, next]);
}

/**
 * Whoever reads the ledger begins at `beginsAt`: from a later block on it would miss records and revocations, and with
 * witnesses no block before it counts. Another registry's history begins where it does.
 */
function verifyBeginning([current, next]: readonly [Anchor, Anchor]): void {
  const isSame = next.registry.toLowerCase() === current.registry.toLowerCase();
  if (isSame && next.beginsAt !== current.beginsAt) {
    throw weaker(
      'beginsAt',
      `it has the history of the same registry begin at ${next.beginsAt}, not ${current.beginsAt}`,
    );
  }
}

/** The largest version of all would be the last: nobody could ever replace it. */
function verifyRoomAbove([current, next]: readonly [Anchor, Anchor]): void {
  if (BigInt(next.version) - BigInt(current.version) <= MAX_VERSION_JUMP) return;
  throw new DewproofError(
    'FAST_FORWARD',
    `The anchor has version ${next.version} after ${current.version}; sign one that goes on from there.`,
  );
}

function verifyFloor([current, next]: readonly [Anchor, Anchor]): void {
  const [old, own] = [floorOf(current), floorOf(next)];
  if (own.height < old.height || own.time < old.time) {
    throw new DewproofError(
      'ROLLBACK',
      `The anchor lets blocks from height ${own.height} count and the one in use only from ${old.height}, or has an earlier time; name a checkpoint of that height or later.`,
    );
  }
  const isSame = own.hashes.every((hash) => old.hashes.includes(hash));
  if (own.height > old.height || old.hashes.length === 0 || isSame) return;
  throw new DewproofError(
    'EQUIVOCATION',
    `The anchor names another block at height ${old.height} than the one in use; name a later one that follows from the right chain.`,
  );
}

/** From which block on blocks count, and which block that is. */
function floorOf({ finality, checkpoint }: Anchor) {
  const begin = finality.kind === 'qbft' ? [finality] : [];
  const blocks = checkpoint === undefined ? begin : [...begin, checkpoint];
  const height = Math.max(0, ...blocks.map((block) => block.height));
  const hashes = blocks.filter((block) => block.height === height).map(({ hash }) => hash);
  return { height, hashes, time: checkpoint?.time ?? 0 };
}

function weaker(check: string, what: string): DewproofError {
  return new DewproofError(
    'PROOF_INVALID',
    `The anchor is not taken from afar: ${what}; sign another one, or put the file in place by hand.`,
    { details: { check: `anchor-${check}` } },
  );
}

import type { IsSignedBy } from '../signatures.ts';
import { messageOfAnchor } from './anchor-message.ts';
import type { Anchor } from './anchor.ts';
import type { SignedAnchor } from './signed-anchor.ts';

/**
 * Of `older` signed anchors that somebody kept, those of the same tenant and chain that enough roots of `trusted` signed,
 * or of another one that counts so; the newest first. Whom an older one names as its roots, and who signed the newer one,
 * proves nothing: whoever wrote it down may have named, and added, himself. So one is lost from which all roots changed at
 * once.
 */
export function formerAnchors(
  { trusted, older }: { readonly trusted: Anchor; readonly older: readonly SignedAnchor[] },
  { isSignedBy }: { readonly isSignedBy: IsSignedBy },
): readonly Anchor[] {
  const newestFirst = older.toSorted((one, other) => other.anchor.version - one.anchor.version);
  const chain = [trusted];
  for (const one of newestFirst) {
    const newer = chain.at(-1) ?? trusted;
    if (follows(one, newer) && isSignedByRoots(one, { newer, isSignedBy })) chain.push(one.anchor);
  }
  return chain.slice(1);
}

function follows({ anchor }: SignedAnchor, newer: Anchor): boolean {
  return (
    anchor.version < newer.version && (['tenant', 'chain', 'genesis'] as const).every((is) => anchor[is] === newer[is])
  );
}

function isSignedByRoots(
  { anchor, signatures }: SignedAnchor,
  { newer: { roots }, isSignedBy }: { readonly newer: Anchor; readonly isSignedBy: IsSignedBy },
): boolean {
  if (roots === undefined) return false;
  const message = messageOfAnchor(anchor);
  const signed = new Set(
    signatures
      .filter(
        ({ account, signature }) => roots.accounts.includes(account) && isSignedBy({ account, message, signature }),
      )
      .map(({ account }) => account),
  );
  return signed.size >= roots.threshold;
}

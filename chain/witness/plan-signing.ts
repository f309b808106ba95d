import type { LinkedBlock, NodeReading, SignedHead } from '../../core/witness/ports.ts';

/** How many heights a witness signs at once, and how far it catches up: beyond that it leaves heights out. */
export const MAX_CATCH_UP = 256n;

/** What is known when a witness decides; `now` in Unix seconds. */
export interface SigningQuestion {
  /** The highest block that was ever signed. */
  readonly signed: SignedHead | undefined;
  readonly reading: Pick<NodeReading, 'atSigned' | 'blocks'>;
  readonly now: bigint;
  /** How old a note may become before an idle head is signed again. */
  readonly resignAfterSeconds: bigint;
}

/** What a witness may do now. */
export type SigningPlan =
  | { readonly kind: 'sign'; readonly heads: readonly SignedHead[] }
  | { readonly kind: 'wait' }
  /** The node's chain does not reach the block that was signed. */
  | { readonly kind: 'behind' }
  /** The node's chain changed while it was read. */
  | { readonly kind: 'changed' }
  /** The node's chain lost the block that was signed. */
  | { readonly kind: 'contradiction'; readonly signed: SignedHead; readonly found: LinkedBlock };

/**
 * Decides what a witness may sign: blocks above all that it signed, of a chain that contains what it signed, or that
 * very block again. So no sequence of answers of its node, however false, has it sign two blocks of one height.
 */
export function planSigning({ signed, reading, now, resignAfterSeconds }: SigningQuestion): SigningPlan {
  const { atSigned, blocks } = reading;
  if (signed) {
    if (!atSigned) return { kind: 'behind' };
    if (atSigned.height !== signed.height) return { kind: 'changed' };
    if (atSigned.hash !== signed.hash) return { kind: 'contradiction', signed, found: atSigned };
  }
  if (!isChain(blocks) || !isAbove(blocks, signed)) return { kind: 'changed' };
  if (blocks.length > 0) {
    return { kind: 'sign', heads: blocks.map(({ height, hash }) => ({ height, hash, signedAt: now })) };
  }
  if (signed && isDue({ signed, now, resignAfterSeconds })) {
    return { kind: 'sign', heads: [{ ...signed, signedAt: now }] };
  }
  return { kind: 'wait' };
}

function isChain(blocks: readonly LinkedBlock[]): boolean {
  return blocks.every((block, index) => {
    const before = blocks[index - 1];
    return !before || (block.height === before.height + 1n && block.parentHash === before.hash);
  });
}

/** Above what was signed, and right above it its child: what lies further up may have left heights out. */
function isAbove([first]: readonly LinkedBlock[], signed: SignedHead | undefined): boolean {
  if (!first || !signed) return true;
  if (first.height === signed.height + 1n) return first.parentHash === signed.hash;
  return first.height > signed.height;
}

/** Also where the clock was ahead and was set right: a note from the future would look fresh for too long. */
function isDue({
  signed,
  now,
  resignAfterSeconds,
}: Pick<SigningQuestion, 'now' | 'resignAfterSeconds'> & { readonly signed: SignedHead }): boolean {
  return now < signed.signedAt || now - signed.signedAt >= resignAfterSeconds;
}

import { createHash } from 'node:crypto';
import type { BundleHead, PreparedFacts, VouchedBlock } from '../../core/state/bundle-maker.ts';

/** A proof bundle as it is served. */
export interface Bundle {
  readonly bytes: Buffer;
  /** With its quotes. */
  readonly etag: string;
  readonly height: bigint;
  readonly hash: string;
  /** Unix seconds. */
  readonly attestedAt: bigint;
}

/** Puts a bundle's parts one after another. */
export function assembleBundle(
  { head, account }: BundleHead,
  { facts, slots }: Pick<PreparedFacts, 'facts' | 'slots'>,
  { block, attestedAt }: Pick<VouchedBlock, 'attestedAt'> & { readonly block: { height: bigint; hash: string } },
): Bundle {
  const bytes = Buffer.concat([head, facts, account, slots]);
  const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
  return { bytes, etag, height: block.height, hash: block.hash, attestedAt };
}

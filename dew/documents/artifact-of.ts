import type { Digest } from '../../core/digest.ts';
import type { Document } from '../../core/document/schema.ts';

/** The artifact that a document names; undefined for most. */
export function artifactOf(document: Document | undefined): { digest: Digest; size: number } | undefined {
  if (document?.kind !== 'VirtualResource') return undefined;
  const { runtime } = document.spec;
  return 'artifact' in runtime ? runtime.artifact : undefined;
}

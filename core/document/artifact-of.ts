import type { Digest } from '../digest.ts';
import type { Document } from './schema.ts';

/** What a document says of a file that it names; `size` in bytes. */
export interface ArtifactRef {
  readonly digest: Digest;
  readonly size: number;
}

/** The artifact that a document names; undefined for most. */
export function artifactOf(document: Document | undefined): ArtifactRef | undefined {
  if (document?.kind !== 'VirtualResource') return undefined;
  const { runtime } = document.spec;
  return 'artifact' in runtime ? runtime.artifact : undefined;
}

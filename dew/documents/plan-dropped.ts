import type { Digest } from '../../core/digest.ts';
import type { Document } from '../../core/document/schema.ts';
import { resourceIdOf, type ResourceId } from '../../core/ids.ts';
import type { Holdings } from '../ledger/holdings.ts';

/** What lies on a dew's disk, and what the ledger still names of it. */
export interface DropQuestion {
  readonly digests: readonly Digest[];
  readonly documentOf: (digest: Digest) => Document | undefined;
  readonly holdings: Holdings;
  /** How many versions of each resource are kept that the ledger names no more. */
  readonly keepVersions: number;
}

/**
 * Plans which documents go: none that a head, a proposal or a profile names; of each resource's others all but the
 * newest, since a dew is the backup of what its devices ran.
 */
export function planDropped({ digests, documentOf, holdings, keepVersions }: DropQuestion): readonly Digest[] {
  const rest = digests.filter((digest) => !holdings.has(digest));
  const versions = new Map<ResourceId, { digest: Digest; version: number }[]>();
  for (const digest of rest) {
    const document = documentOf(digest);
    if (document?.kind !== 'VirtualResource') continue;
    const id = resourceIdOf(document.metadata);
    versions.set(id, [...(versions.get(id) ?? []), { digest, version: document.spec.version }]);
  }
  const newestOf = (list: { digest: Digest; version: number }[]) =>
    list.toSorted((a, b) => b.version - a.version).slice(0, keepVersions);
  const kept = new Set([...versions.values()].flatMap(newestOf).map(({ digest }) => digest));
  return rest.filter((digest) => !kept.has(digest));
}

import type { Digest } from '../../core/digest.ts';
import { parseDocument } from '../../core/document/parse-document.ts';
import type { Document } from '../../core/document/schema.ts';
import { hasCode } from '../../core/errors.ts';
import type { Log } from '../../platform/log.ts';
import { artifactOf } from '../../core/document/artifact-of.ts';
import type { ContentStore } from './content-store.ts';

/** The stored documents, parsed: what placement and listings look at without going to the disk. */
export interface Catalog {
  readonly get: (digest: Digest) => Document | undefined;
  /** How many there are. */
  size(): number;
  /** The documents that name this artifact. */
  naming(artifact: Digest): readonly Digest[];
  add(digest: Digest, document: Document): void;
  remove(digests: readonly Digest[]): void;
}

/** Reads all stored documents; one that the disk changed is left out, as if it had never been uploaded. */
export async function openCatalog(store: ContentStore, log: Log): Promise<Catalog> {
  const documents = new Map<Digest, Document>();
  for (const digest of await store.digests()) {
    try {
      const bytes = await store.get(digest);
      if (bytes !== undefined) documents.set(digest, parseDocument(bytes).document);
    } catch (error) {
      if (!hasCode(error)) throw error;
      log.warn({ code: error.code, digest }, 'A stored document is damaged; have it uploaded again');
    }
  }
  return {
    get: (digest) => documents.get(digest),
    size: () => documents.size,
    naming: (artifact) =>
      [...documents].filter(([, document]) => artifactOf(document)?.digest === artifact).map(([digest]) => digest),
    add: (digest, document) => documents.set(digest, document),
    remove: (digests) => {
      for (const digest of digests) documents.delete(digest);
    },
  };
}

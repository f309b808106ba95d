import { existsSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, parseDigest, type Digest } from '../../core/digest.ts';
import { MAX_DOCUMENT_BYTES } from '../../core/document/limits.ts';
import { parseDocument, type ParsedDocument } from '../../core/document/parse-document.ts';
import type { Document } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import { readCapped } from './read-capped.ts';
import { writeDurably } from './write-durably.ts';

/** What a document is the configuration of. */
export interface DocumentSubject {
  readonly kind: Document['kind'];
  readonly tenant: Name;
  readonly name: Name;
}

/**
 * The sealed documents (with version and salt, canonical) that this home made. They are kept before anything is
 * proposed: a run that was cut off is repeated with the same version, salt and digest.
 */
export interface SealedDocuments {
  /** All versions kept of one subject, the newest first. @throws STORE_CORRUPT */
  versionsOf(subject: DocumentSubject): Promise<readonly ParsedDocument[]>;
  /** The document with this digest, whatever it is of. @throws STORE_CORRUPT */
  withDigest(digest: Digest): Promise<ParsedDocument | undefined>;
  /** Keeps a document, on disk when it returns; true where it was not kept before. */
  keep(document: ParsedDocument): Promise<boolean>;
  /** Drops a document that the ledger refused. */
  drop(document: ParsedDocument): Promise<void>;
}

const FILE = /^(\d{1,16})-([0-9a-f]{64})\.json$/;
const folderOfKind = { VirtualResource: 'resources', DeviceProfile: 'profiles' } as const;

/** Opens the documents kept in `folder`, which need not exist yet. */
export function openSealedDocuments(folder: string): SealedDocuments {
  const folderOf = ({ kind, tenant, name }: DocumentSubject) => join(folder, tenant, folderOfKind[kind], name);
  const fileOf = ({ document, digest }: ParsedDocument) =>
    join(folderOf(subjectOf(document)), `${document.spec.version}-${digest.slice('sha256:'.length)}.json`);
  return {
    versionsOf: async (subject) => {
      const files = (await list(folderOf(subject))).filter((file) => FILE.test(file));
      const read = await Promise.all(files.map((file) => readSealed(join(folderOf(subject), file))));
      return read.toSorted((a, b) => b.document.spec.version - a.document.spec.version);
    },
    withDigest: async (digest) => {
      const suffix = `-${digest.slice('sha256:'.length)}.json`;
      const file = (await list(folder)).find((path) => path.endsWith(suffix));
      return file === undefined ? undefined : readSealed(join(folder, file));
    },
    keep: async (document) => {
      const isNew = !existsSync(fileOf(document));
      if (isNew) await writeDurably(fileOf(document), document.bytes, { replace: true, mode: 0o600 });
      return isNew;
    },
    drop: (document) => unlink(fileOf(document)),
  };
}

/** What a document is the configuration of. */
export function subjectOf({ kind, metadata: { tenant, name } }: Document): DocumentSubject {
  return { kind, tenant, name };
}

async function readSealed(file: string): Promise<ParsedDocument> {
  const bytes = await readCapped(file, { maxBytes: MAX_DOCUMENT_BYTES, tooLarge: 'STORE_CORRUPT' });
  if (digestOf(bytes) === digestOfName(file)) return parseDocument(bytes);
  throw new DewproofError(
    'STORE_CORRUPT',
    `${file} was altered or damaged; remove it, the dew keeps what was uploaded.`,
  );
}

function digestOfName(file: string): Digest {
  return parseDigest(`sha256:${file.slice(-'.json'.length - 64, -'.json'.length)}`);
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

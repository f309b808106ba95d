import type { Digest } from '../../core/digest.ts';
import { parseDocument, type ParsedDocument } from '../../core/document/parse-document.ts';
import { resourceIdOf, type Name } from '../../core/ids.ts';
import type { Proposal } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { DewClient } from '../dew/dew-client.ts';
import { firstAnswer } from '../dew/first-answer.ts';
import { noneHas } from '../dew/none-has.ts';
import type { SealedDocuments } from '../home/sealed-documents.ts';
import type { SealedResource } from './plan-resource.ts';

/** Where documents are looked for: in the home, then at the dews. */
export interface DocumentSources {
  readonly documents: SealedDocuments;
  readonly dews: readonly DewClient[];
}

/** Somebody may have proposed thousands; only the newest can matter to a new version. */
const MAX_FETCHED_PROPOSALS = 8;

/**
 * The documents of a resource that can be had: all that the home keeps, and those that the ledger names (the active
 * one and the newest proposals).
 * @throws DEW_UNAVAILABLE and others, where no dew could tell whether it has one
 */
export async function findDocuments(
  { tenant, name }: { readonly tenant: Name; readonly name: Name },
  { state, sources }: { readonly state: LedgerState; readonly sources: DocumentSources },
): Promise<readonly SealedResource[]> {
  const scope = { tenant, name };
  const kept = await sources.documents.versionsOf({ kind: 'VirtualResource', ...scope });
  const known = new Set(kept.map(({ digest }) => digest));
  const missing = namedDigests(state, scope).filter((digest) => !known.has(digest));
  const fetched = await Promise.all(missing.map((digest) => fetchDocument(digest, sources.dews)));
  const found = [...kept, ...fetched].filter((document) => document !== undefined);
  // A proposal of this resource may name another one's document.
  return found.filter(isResource).filter(({ document }) => resourceIdOf(document.metadata) === resourceIdOf(scope));
}

/**
 * The document with this digest from the first dew that has it; undefined where none has. Its digest alone decides
 * what is believed: of a dew that fails or lies the user is warned.
 * @throws the last dew's failure, where none could tell whether it has the document
 */
export async function fetchDocument(digest: Digest, dews: readonly DewClient[]): Promise<ParsedDocument | undefined> {
  return firstAnswer(dews, async (dew) => {
    const bytes = await dew.getDocument(digest);
    return bytes && parseDocument(bytes);
  });
}

/** The document that a proposal names. @throws NOT_FOUND, CONFIG (there is no dew to ask), and what `fetchDocument` throws */
export async function findProposed(proposal: Proposal, { documents, dews }: DocumentSources): Promise<ParsedDocument> {
  const found = (await documents.withDigest(proposal.digest)) ?? (await fetchDocument(proposal.digest, dews));
  if (found !== undefined) return found;
  throw noneHas(proposal.digest, { dews, remedy: 'have its proposer apply it again' });
}

function namedDigests(state: LedgerState, scope: { tenant: Name; name: Name }): readonly Digest[] {
  const id = resourceIdOf(scope);
  const head = state.heads.get(id);
  const proposed = [...state.proposals.values()].filter(({ resource }) => resource === id);
  const newest = proposed.toSorted((a, b) => Number(b.version - a.version)).slice(0, MAX_FETCHED_PROPOSALS);
  return [...(head === undefined ? [] : [head]), ...newest].map(({ digest }) => digest);
}

function isResource(document: ParsedDocument): document is SealedResource {
  return document.document.kind === 'VirtualResource';
}

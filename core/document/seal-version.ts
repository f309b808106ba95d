import { DewproofError } from '../errors.ts';
import { canonicalBytes } from './canonical.ts';
import type { DeviceProfile, DeviceProfileDraft, Document, VirtualResource, VirtualResourceDraft } from './schema.ts';

/** What to publish for a draft: nothing, or a document with its version and salt. */
export type VersionPlan<D extends Document> = { readonly unchanged: true } | { readonly document: D };

/** What a version is planned from. */
export interface VersionQuestion<Draft, D extends Document> {
  readonly draft: Draft;
  /** The newest document of this name that stands or is proposed; undefined for the first, or where it was revoked. */
  readonly previous: D | undefined;
  /** The newest version that the ledger has seen, where that is not the previous document's (a revoked one). */
  readonly newest?: number;
  /** At least 16 fresh random bytes, as base64url. */
  readonly salt: string;
}

/**
 * Gives a draft its version and salt: those of the previous document where nothing else changed, otherwise the next
 * version (or the one the draft states) and the new salt (or the one the draft states).
 * @throws VERSION_NOT_NEWER (the draft states a version that is taken)
 */
export function planVersion(
  question: VersionQuestion<VirtualResourceDraft, VirtualResource>,
): VersionPlan<VirtualResource>;
export function planVersion(question: VersionQuestion<DeviceProfileDraft, DeviceProfile>): VersionPlan<DeviceProfile>;
export function planVersion({
  draft,
  previous,
  newest = 0,
  salt,
}: VersionQuestion<VirtualResourceDraft | DeviceProfileDraft, Document>): VersionPlan<Document> {
  if (previous !== undefined && isUnchanged(draft, previous)) return { unchanged: true };
  const taken = Math.max(newest, previous?.spec.version ?? 0);
  const version = draft.spec.version ?? taken + 1;
  if (version <= taken) {
    throw new DewproofError('VERSION_NOT_NEWER', `Version ${taken} is taken; raise spec.version or leave it out.`);
  }
  const sealed = { ...draft, spec: { ...draft.spec, version, salt: draft.spec.salt ?? salt } };
  return { document: sealed as Document };
}

/** Whether a draft says what the previous document says; version and salt count only where the draft states them. */
function isUnchanged(draft: VirtualResourceDraft | DeviceProfileDraft, previous: Document): boolean {
  const version = draft.spec.version ?? previous.spec.version;
  const salt = draft.spec.salt ?? previous.spec.salt;
  const filled = { ...draft, spec: { ...draft.spec, version, salt } };
  return Buffer.compare(canonicalBytes(filled), canonicalBytes(previous)) === 0;
}

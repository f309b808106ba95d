import { canonicalBytes } from '../../core/document/canonical.ts';
import { parseDocument, type ParsedDocument } from '../../core/document/parse-document.ts';
import type { DeviceProfile, DeviceProfileDraft } from '../../core/document/schema.ts';
import { planVersion } from '../../core/document/seal-version.ts';

/** A profile with its bytes and digest. */
export type SealedProfile = ParsedDocument<DeviceProfile>;

/**
 * Seals a profile: the newest of `known` (the newest first) where the draft says the same, a new version otherwise.
 * The ledger holds profiles by digest alone, so a version only orders what this home made.
 * @throws VERSION_NOT_NEWER, SCHEMA
 */
export function planProfile(question: {
  readonly draft: DeviceProfileDraft;
  readonly known: readonly SealedProfile[];
  readonly salt: string;
}): SealedProfile {
  const [newest] = question.known;
  const plan = planVersion({ draft: question.draft, previous: newest?.document, salt: question.salt });
  if ('document' in plan) return parseDocument(canonicalBytes(plan.document)) as SealedProfile;
  if (newest === undefined) throw new TypeError('Nothing can be unchanged without something before it.');
  return newest;
}

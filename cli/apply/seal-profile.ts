import type { DeviceProfileDraft } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Session } from '../session.ts';
import { planProfile, type SealedProfile } from './plan-profile.ts';
import { readDrafts } from './read-drafts.ts';
import { newSalt } from './salt.ts';
import { verifyTenant } from './verify-drafts.ts';

/**
 * Reads a profile as a person wrote it and seals it: the version that this home made of it before, where nothing
 * changed. It is kept, on disk, before anything names its digest.
 * @throws USAGE, SCHEMA
 */
export async function sealProfileFile(file: string, session: Session): Promise<SealedProfile> {
  const [sourced, ...others] = await readDrafts([file]);
  if (sourced?.draft.kind !== 'DeviceProfile' || others.length > 0) {
    throw new DewproofError('SCHEMA', `${file} holds something else than one DeviceProfile; name a profile's file.`);
  }
  verifyTenant(sourced, session.anchor.tenant);
  return sealProfile(sourced.draft, session);
}

async function sealProfile(draft: DeviceProfileDraft, { documents }: Session): Promise<SealedProfile> {
  const { tenant, name } = draft.metadata;
  const known = (await documents.versionsOf({ kind: 'DeviceProfile', tenant, name })) as readonly SealedProfile[];
  const profile = planProfile({ draft, known, salt: newSalt() });
  await documents.keep(profile);
  return profile;
}

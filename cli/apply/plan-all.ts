import type { Account } from '../../core/account.ts';
import type { DeviceProfileDraft, VirtualResource, VirtualResourceDraft } from '../../core/document/schema.ts';
import { resourceIdOf } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { warn } from '../output/messages.ts';
import { findDocuments, type DocumentSources } from './find-documents.ts';
import { planProfile, type SealedProfile } from './plan-profile.ts';
import { planResource, type ResourcePlan } from './plan-resource.ts';
import type { SourcedDraft } from './read-drafts.ts';
import { newSalt } from './salt.ts';
import { verifyCycles, type Scope } from './verify-cycles.ts';
import { resourcesByName } from './verify-drafts.ts';

/** A profile, and the devices that have an earlier version of it. */
export interface ProfilePlan {
  readonly profile: SealedProfile;
  readonly devices: readonly Account[];
  /** Whether any device will have this very version; dews keep no other. */
  readonly isInUse: boolean;
}

/** What there is to plan from. */
export interface PlanContext {
  readonly state: LedgerState;
  readonly sources: DocumentSources;
}

/** All that a run of `apply` is to do. */
export interface ApplyPlan {
  readonly resources: readonly ResourcePlan[];
  readonly profiles: readonly ProfilePlan[];
}

/** Plans a run without doing anything. @throws CYCLE, VERSION_NOT_NEWER, SCHEMA, and what `findDocuments` throws */
export async function planAll(drafts: readonly SourcedDraft[], context: PlanContext): Promise<ApplyPlan> {
  const resources = resourcesByName(drafts);
  const missing = await verifyCycles(resources, (scope) => activeResource(scope, context));
  for (const name of missing) warn(`${name} is required and stands nowhere yet; what requires it waits for it.`);
  const profiles = drafts.flatMap(({ draft }) => (draft.kind === 'DeviceProfile' ? [draft] : []));
  return {
    resources: await Promise.all([...resources.values()].map((draft) => planOne(draft, context))),
    profiles: await Promise.all(profiles.map((draft) => planOneProfile(draft, context))),
  };
}

async function activeResource(scope: Scope, context: PlanContext): Promise<VirtualResource | undefined> {
  const head = context.state.heads.get(resourceIdOf(scope));
  if (head === undefined) return undefined;
  return (await findDocuments(scope, context)).find(({ digest }) => digest === head.digest)?.document;
}

async function planOne(draft: VirtualResourceDraft, context: PlanContext): Promise<ResourcePlan> {
  const known = await findDocuments(draft.metadata, context);
  return planResource({ draft, state: context.state, known, salt: newSalt() });
}

/** A device has an earlier version where its digest on the ledger is one that this home made of the same profile. */
async function planOneProfile(draft: DeviceProfileDraft, { state, sources }: PlanContext): Promise<ProfilePlan> {
  const { tenant, name } = draft.metadata;
  const kept = await sources.documents.versionsOf({ kind: 'DeviceProfile', tenant, name });
  const profile = planProfile({ draft, known: kept as readonly SealedProfile[], salt: newSalt() });
  const earlier = new Set(kept.map(({ digest }) => digest).filter((digest) => digest !== profile.digest));
  const living = [...state.devices.values()].filter(({ status }) => status !== 'retired');
  const devices = living.filter((device) => device.profile !== undefined && earlier.has(device.profile));
  const isInUse = devices.length > 0 || living.some((device) => device.profile === profile.digest);
  return { profile, devices: devices.map(({ account }) => account), isInUse };
}

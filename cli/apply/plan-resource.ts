import { canonicalBytes } from '../../core/document/canonical.ts';
import { parseDocument, type ParsedDocument } from '../../core/document/parse-document.ts';
import type { VirtualResource, VirtualResourceDraft } from '../../core/document/schema.ts';
import { planVersion } from '../../core/document/seal-version.ts';
import { groupIdOf, resourceIdOf } from '../../core/ids.ts';
import { proposalKey, versionKey } from '../../core/ledger/proposal-key.ts';
import type { Proposal } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { MAX_VERSION_JUMP } from '../../core/ledger/version-jump.ts';

/** A resource's document with its bytes and digest. */
export type SealedResource = ParsedDocument<VirtualResource>;

/** What is to be done for one draft: `propose` and upload, or upload alone because the ledger has it already. */
export interface ResourcePlan {
  readonly change: 'propose' | 'unchanged';
  readonly document: SealedResource;
  readonly proposal: Proposal;
}

/** What a plan is made from. */
export interface PlanQuestion {
  readonly draft: VirtualResourceDraft;
  readonly state: LedgerState;
  /** Documents of this resource that are at hand: kept by this home, or fetched by the digests that the ledger names. */
  readonly known: readonly SealedResource[];
  /** At least 16 fresh random bytes, as base64url. */
  readonly salt: string;
}

/**
 * Plans what to do for a draft. What stands already, or was sealed by a run that was cut off, is taken as it is; so
 * repeating a run changes nothing.
 * @throws VERSION_NOT_NEWER, SCHEMA
 */
export function planResource({ draft, state, known, salt }: PlanQuestion): ResourcePlan {
  const { standing, taken } = versionsOf({ draft, state, known });
  for (const document of standing) {
    const plan = planVersion({ draft, previous: document.document, newest: Number(taken), salt });
    if ('unchanged' in plan) return planOf(document, state);
  }
  const plan = planVersion({ draft, previous: undefined, newest: Number(taken), salt });
  if ('unchanged' in plan) throw new TypeError('Nothing can be unchanged without something before it.');
  return planOf(sealDocument(plan.document), state);
}

/** Seals a complete document: its canonical bytes, and their digest. @throws SCHEMA, ENDLESS_DATA */
export function sealDocument(document: VirtualResource): SealedResource {
  // Parsed again, so that nothing is ever proposed that a device would not read back.
  return parseDocument(canonicalBytes(document)) as SealedResource;
}

/** What the ledger is to hold of a document. */
function proposalOf({ document, digest }: SealedResource): Proposal {
  const { metadata, spec } = document;
  const group = groupIdOf({ tenant: metadata.tenant, name: spec.group });
  return { resource: resourceIdOf(metadata), version: BigInt(spec.version), digest, group };
}

function planOf(document: SealedResource, state: LedgerState): ResourcePlan {
  const proposal = proposalOf(document);
  const head = state.heads.get(proposal.resource);
  const isHead = head?.version === proposal.version && head.digest === proposal.digest;
  const isProposed = isHead || state.proposals.has(proposalKey(proposal));
  return { change: isProposed ? 'unchanged' : 'propose', document, proposal };
}

/**
 * The documents that a draft may turn out to repeat, and the version above which there is room. Somebody may have
 * proposed a version so far ahead that nothing could follow it; then proposals are passed over, which the ledger
 * allows: of two proposals of one version the first to be approved wins.
 */
function versionsOf({ draft, state, known }: Omit<PlanQuestion, 'salt'>) {
  const resource = resourceIdOf(draft.metadata);
  const head = state.heads.get(resource)?.version ?? 0n;
  const proposed = [...state.proposals.values()].filter((proposal) => proposal.resource === resource);
  const open = known.filter((document) => mayStand(document, state));
  const newest = largest([head, ...proposed.map(({ version }) => version), ...open.map(versionOf)]);
  const isCrowded = newest - head >= MAX_VERSION_JUMP;
  const repeated = isCrowded ? largest(open.map(versionOf)) : newest;
  let taken = isCrowded ? head : newest;
  while (state.revoked.has(versionKey({ resource, version: taken + 1n }))) taken += 1n;
  return { standing: open.filter((document) => versionOf(document) === repeated), taken };
}

/** Whether a document is the active one, or may still become it. */
function mayStand(sealed: SealedResource, state: LedgerState): boolean {
  const { resource, version, digest } = proposalOf(sealed);
  const head = state.heads.get(resource);
  if (head?.version === version) return head.status === 'active' && head.digest === digest;
  return version > (head?.version ?? 0n) && !state.revoked.has(versionKey({ resource, version }));
}

function versionOf({ document }: SealedResource): bigint {
  return BigInt(document.spec.version);
}

function largest(versions: readonly bigint[]): bigint {
  return versions.reduce((a, b) => (a > b ? a : b), 0n);
}

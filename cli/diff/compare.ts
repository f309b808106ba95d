import { canonicalBytes } from '../../core/document/canonical.ts';
import type { Document, DocumentDraft } from '../../core/document/schema.ts';
import type { ParsedDocument } from '../../core/document/parse-document.ts';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf } from '../../core/ids.ts';
import { versionKey } from '../../core/ledger/proposal-key.ts';
import type { ProposalRecord } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { findDocuments, type DocumentSources } from '../apply/find-documents.ts';
import type { ApplyPlan, PlanContext } from '../apply/plan-all.ts';
import type { SourcedDraft } from '../apply/read-drafts.ts';
import type { Plain } from '../output/plain.ts';

/** A document that `apply` would look at, and what the ledger holds instead. */
export interface Comparison {
  readonly kind: Document['kind'];
  readonly name: string;
  /** Whether `apply` would change anything. */
  readonly differs: boolean;
  /** What the ledger holds now; undefined where it holds nothing of this name. */
  readonly before:
    | { readonly version: number; readonly standing: 'active' | 'proposed' | 'in use'; readonly content: Plain }
    | undefined;
  readonly after: { readonly version: number; readonly content: Plain };
}

/** Holds what a plan would seal against what the ledger holds. @throws NOT_FOUND (nobody has what the ledger names) */
export async function comparePlan(
  plan: ApplyPlan,
  { drafts, ...context }: PlanContext & { readonly drafts: readonly SourcedDraft[] },
): Promise<readonly Comparison[]> {
  const saltIsStated = (kind: Document['kind'], name: string) =>
    drafts.some(({ draft }) => draft.kind === kind && draft.metadata.name === name && isSaltStated(draft));
  const compared: Comparison[] = [];
  for (const { document, change } of plan.resources) {
    const { document: after } = document;
    const standing = await standingOf(after.metadata, context);
    compared.push(
      compare({
        after,
        standing,
        differs: change === 'propose',
        withSalt: saltIsStated(after.kind, after.metadata.name),
      }),
    );
  }
  for (const { profile, devices } of plan.profiles) {
    const after = profile.document;
    const kept = await context.sources.documents.versionsOf({ kind: 'DeviceProfile', ...after.metadata });
    const inUse = kept.find(({ digest }) => isInUse(digest, context.state));
    const standing = inUse && ({ document: inUse.document, standing: 'in use' } as const);
    // A profile that no device has differs from nothing: `apply` gives it to nobody.
    compared.push(
      compare({
        after,
        standing,
        differs: devices.length > 0,
        withSalt: saltIsStated(after.kind, after.metadata.name),
      }),
    );
  }
  return compared;
}

interface Standing {
  readonly document: Document;
  readonly standing: 'active' | 'proposed' | 'in use';
}

function compare({
  after,
  standing,
  differs,
  withSalt,
}: {
  readonly after: Document;
  readonly standing: Standing | undefined;
  readonly differs: boolean;
  readonly withSalt: boolean;
}): Comparison {
  const content = (document: Document) => contentOf(document, withSalt);
  const before = standing && {
    version: standing.document.spec.version,
    standing: standing.standing,
    content: content(standing.document),
  };
  // What `apply` would leave as it is stands on both sides.
  const shown = differs || standing === undefined ? after : standing.document;
  return {
    kind: after.kind,
    name: after.metadata.name,
    differs,
    before,
    after: { version: shown.spec.version, content: content(shown) },
  };
}

/** In canonical order; a salt is a new random one for every version, and says nothing unless somebody wrote it. */
function contentOf(document: Document, withSalt: boolean): Plain {
  const spec = Object.entries(document.spec).filter(([name]) => withSalt || name !== 'salt');
  const shown = { ...document, spec: Object.fromEntries(spec) as Readonly<Record<string, unknown>> };
  return JSON.parse(Buffer.from(canonicalBytes(shown)).toString()) as Plain;
}

function isSaltStated({ spec }: DocumentDraft): boolean {
  return spec.salt !== undefined;
}

/** The newest document of a resource that the ledger names. @throws NOT_FOUND, and what `findDocuments` throws */
async function standingOf(
  scope: { readonly tenant: string; readonly name: string },
  { state, sources }: { readonly state: LedgerState; readonly sources: DocumentSources },
): Promise<Standing | undefined> {
  const id = resourceIdOf(scope);
  const head = state.heads.get(id);
  const active = head?.status === 'active' ? head : undefined;
  const isOpen = ({ resource, version }: ProposalRecord) =>
    resource === id && version > (head?.version ?? 0n) && !state.revoked.has(versionKey({ resource, version }));
  const proposed = [...state.proposals.values()].filter(isOpen);
  if (active === undefined && proposed.length === 0) return undefined;
  const found = await findDocuments(scope, { state, sources });
  const isNamed = ({ digest }: ParsedDocument) =>
    digest === active?.digest || proposed.some((one) => one.digest === digest);
  const [newest] = found.filter(isNamed).toSorted((a, b) => b.document.spec.version - a.document.spec.version);
  if (newest === undefined) {
    throw new DewproofError(
      'NOT_FOUND',
      `Neither this home nor a dew has what the ledger holds of ${scope.name}; have it applied again.`,
    );
  }
  return { document: newest.document, standing: newest.digest === active?.digest ? 'active' : 'proposed' };
}

function isInUse(digest: string, { devices }: LedgerState): boolean {
  return [...devices.values()].some(({ profile, status }) => profile === digest && status !== 'retired');
}

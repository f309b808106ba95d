import { verifyAcyclic } from '../../core/document/cycles.ts';
import type { VirtualResourceDraft } from '../../core/document/schema.ts';
import { verifySupported } from '../../core/document/unsupported.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import type { SourcedDraft } from './read-drafts.ts';

/** Kinds of runtime that edges of this release have. */
export const runtimes = ['views', 'script'];

/**
 * Refuses drafts that could not be applied together, before a key is opened or a ledger asked.
 * @throws SCHEMA (another tenant's, two of one name), UNSUPPORTED, CYCLE
 */
export function verifyDrafts(drafts: readonly SourcedDraft[], tenant: Name): void {
  const sources = new Map<string, string>();
  for (const { source, draft } of drafts) {
    const name = `${draft.kind} ${draft.metadata.name}`;
    const other = sources.get(name);
    if (other !== undefined) throw refusal('SCHEMA', `${source} and ${other} are both ${name}; keep one.`);
    sources.set(name, source);
  }
  for (const draft of drafts) {
    verifyTenant(draft, tenant);
    verifyDraft(draft);
  }
  const resources = resourcesByName(drafts);
  for (const resource of resources.values()) verifyAcyclic(resource, (name) => resources.get(name));
}

/** Refuses a draft of another tenant: its ids would be another's. @throws SCHEMA */
export function verifyTenant({ source, draft }: SourcedDraft, tenant: Name): void {
  if (draft.metadata.tenant === tenant) return;
  throw refusal(
    'SCHEMA',
    `${source}: tenant ${draft.metadata.tenant} is not this home's, ${tenant}; correct one of them.`,
  );
}

/** The drafts of resources, by name. */
export function resourcesByName(drafts: readonly SourcedDraft[]): ReadonlyMap<Name, VirtualResourceDraft> {
  const resources = drafts.flatMap(({ draft }) => (draft.kind === 'VirtualResource' ? [draft] : []));
  return new Map(resources.map((draft) => [draft.metadata.name, draft]));
}

function verifyDraft({ source, draft }: SourcedDraft): void {
  if (draft.kind !== 'VirtualResource') return;
  try {
    // What is left out there is version and salt, which no check of support reads.
    verifySupported(draft as Parameters<typeof verifySupported>[0], { runtimes });
  } catch (error) {
    if (!(error instanceof DewproofError)) throw error;
    throw new DewproofError(error.code, `${source}: ${error.message}`, { cause: error, details: error.details });
  }
}

function refusal(code: 'SCHEMA', message: string): DewproofError {
  return new DewproofError(code, message);
}

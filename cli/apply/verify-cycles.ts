import { verifyAcyclic } from '../../core/document/cycles.ts';
import type { VirtualResourceDraft } from '../../core/document/schema.ts';
import type { Name } from '../../core/ids.ts';

type Resource = Pick<VirtualResourceDraft, 'metadata' | 'spec'>;

/** A resource's full name. */
export interface Scope {
  readonly tenant: Name;
  readonly name: Name;
}

/**
 * Refuses resources that would come to need themselves, through others that stand already; `find` answers what stands
 * of a name, or undefined. Answers the names that are required and stand nowhere.
 * @throws CYCLE
 */
export async function verifyCycles(
  applied: ReadonlyMap<Name, Resource>,
  find: (scope: Scope) => Promise<Resource | undefined>,
): Promise<readonly Name[]> {
  const known = new Map<Name, Resource>(applied);
  const missing = new Set<Name>();
  const pending = [...applied.values()];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const { resource: name } of next.spec.requires) {
      if (known.has(name) || missing.has(name)) continue;
      const found = await find({ tenant: next.metadata.tenant, name });
      if (found === undefined) {
        missing.add(name);
      } else {
        known.set(name, found);
        pending.push(found);
      }
    }
  }
  for (const resource of applied.values()) verifyAcyclic(resource, (name) => known.get(name));
  return [...missing];
}

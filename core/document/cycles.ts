import { DewproofError } from '../errors.ts';
import type { Name } from '../ids.ts';
import type { VirtualResource } from './schema.ts';

/** What a walk over requirements needs of a document. */
export interface Requiring {
  readonly metadata: Pick<VirtualResource['metadata'], 'name'>;
  readonly spec: Pick<VirtualResource['spec'], 'requires'>;
}

/**
 * Refuses a resource that needs itself before it can start, through however many others. `lookUp` finds a resource of
 * the same tenant by name; one it does not find is not followed. The walk keeps its own list, not the stack.
 * @throws CYCLE (names the way round)
 */
export function verifyAcyclic(resource: Requiring, lookUp: (name: Name) => Requiring | undefined): void {
  const start = resource.metadata.name;
  const cameFrom = new Map<Name, Name>();
  const pending = [resource];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const { resource: required } of next.spec.requires) {
      if (required === start) throw cycle([start, ...wayTo(next.metadata.name, cameFrom), start]);
      if (cameFrom.has(required)) continue;
      cameFrom.set(required, next.metadata.name);
      const found = lookUp(required);
      if (found !== undefined) pending.push(found);
    }
  }
}

/** The names from the first requirement to `name`, in order; empty for the resource itself. */
function wayTo(name: Name, cameFrom: ReadonlyMap<Name, Name>): Name[] {
  const way: Name[] = [];
  for (let at: Name | undefined = name; at !== undefined && cameFrom.has(at); at = cameFrom.get(at)) way.unshift(at);
  return way;
}

function cycle(way: readonly Name[]): DewproofError {
  return new DewproofError('CYCLE', `Resources require each other in a circle: ${way.join(' > ')}; break it.`, {
    details: { way },
  });
}

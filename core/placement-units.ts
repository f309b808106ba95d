import type { Link } from './document/addresses.ts';
import type { ResourceId } from './ids.ts';
import type { Labels } from './labels.ts';
import type { PlaceableResource } from './placement.ts';

/** Resources that must share a device, since they require each other; ids in order. */
export interface PlacementUnit {
  readonly ids: readonly ResourceId[];
  readonly labels: readonly Labels[];
  /** What all of them need together. */
  readonly links: readonly Link[];
  /**
   * What may run on a second device, a third and so on: the members whose `replicas` are that many, with all that they
   * require of which there are as many.
   */
  readonly copies: readonly PlacementCopy[];
}

/** A part of a unit that may run on one more device. */
export type PlacementCopy = Omit<PlacementUnit, 'copies'>;

/** Groups resources by what they require, and sets aside those whose requirements are not there at all. */
export function planUnits(resources: readonly PlaceableResource[]): {
  readonly units: readonly PlacementUnit[];
  readonly missing: readonly ResourceId[];
} {
  const all = new Map(resources.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((resource) => [resource.id, resource]));
  const complete = withoutMissing(all);
  const missing = [...all.keys()].filter((id) => !complete.has(id));
  return { units: unitsOf(complete), missing };
}

/** Takes away what requires something absent, until nothing does: its own absence may leave others incomplete. */
function withoutMissing(
  resources: ReadonlyMap<ResourceId, PlaceableResource>,
): ReadonlyMap<ResourceId, PlaceableResource> {
  const kept = [...resources].filter(([, { requires }]) => requires.every((id) => resources.has(id)));
  return kept.length === resources.size ? resources : withoutMissing(new Map(kept));
}

function unitsOf(resources: ReadonlyMap<ResourceId, PlaceableResource>): PlacementUnit[] {
  const neighbours = neighboursOf(resources);
  const seen = new Set<ResourceId>();
  return [...resources.keys()].flatMap((id) => {
    if (seen.has(id)) return [];
    const ids = reachable(id, { neighbours, seen }).toSorted();
    const members = ids.map((member) => resources.get(member)).filter((member) => member !== undefined);
    return [{ ...copyOf(members), copies: copiesOf(members) }];
  });
}

function copiesOf(members: readonly PlaceableResource[]): readonly PlacementCopy[] {
  const copies: PlacementCopy[] = [];
  let kept = members;
  for (let count = 2; ; count += 1) {
    kept = withoutFewer(kept, { count });
    if (kept.length === 0) return copies;
    copies.push(copyOf(kept));
  }
}

/** Takes away what may not run so often, and what requires that, until all that is left may. */
function withoutFewer(
  members: readonly PlaceableResource[],
  { count }: { readonly count: number },
): readonly PlaceableResource[] {
  const ids = new Set(members.map(({ id }) => id));
  const kept = members.filter(({ replicas, requires }) => replicas >= count && requires.every((id) => ids.has(id)));
  return kept.length === members.length ? members : withoutFewer(kept, { count });
}

function copyOf(members: readonly PlaceableResource[]): PlacementCopy {
  const links = [...new Set(members.flatMap((member) => member.links))];
  return { ids: members.map(({ id }) => id), labels: members.map(({ labels }) => labels), links };
}

function neighboursOf(resources: ReadonlyMap<ResourceId, PlaceableResource>): Map<ResourceId, ResourceId[]> {
  const neighbours = new Map([...resources.keys()].map((id): [ResourceId, ResourceId[]] => [id, []]));
  for (const { id, requires } of resources.values()) {
    for (const required of requires) {
      neighbours.get(id)?.push(required);
      neighbours.get(required)?.push(id);
    }
  }
  return neighbours;
}

function reachable(
  start: ResourceId,
  { neighbours, seen }: { neighbours: ReadonlyMap<ResourceId, readonly ResourceId[]>; seen: Set<ResourceId> },
): ResourceId[] {
  const found = [start];
  seen.add(start);
  // `found` grows while it is walked.
  for (const id of found) {
    for (const next of neighbours.get(id) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      found.push(next);
    }
  }
  return found;
}

import type { Account } from './account.ts';
import type { Link } from './document/addresses.ts';
import type { ResourceId } from './ids.ts';
import { satisfiesLabels, type Labels } from './labels.ts';
import { planUnits, type PlacementCopy } from './placement-units.ts';

/** A resource that is to run on some devices of the group. */
export interface PlaceableResource {
  readonly id: ResourceId;
  /** Labels that its device must have. */
  readonly labels: Labels;
  /** Links that its device must have. */
  readonly links: readonly Link[];
  /** Resources that it needs on the same device. */
  readonly requires: readonly ResourceId[];
  /** On how many devices it runs at most, once on each. */
  readonly replicas: number;
}

/** A device of the group that can take resources. */
export interface PlacementDevice {
  readonly account: Account;
  readonly labels: Labels;
  readonly links: readonly Link[];
  /** How many resources it runs at most. */
  readonly capacity: number;
}

/** Which resources each device runs; every device has an entry. */
export type Placement = ReadonlyMap<Account, readonly ResourceId[]>;

/** A resource that runs nowhere, and why. */
export interface UnplacedResource {
  readonly resource: ResourceId;
  readonly reason: 'requirement-missing' | 'no-matching-device' | 'no-capacity';
}

/** What is to be placed, all of one group. */
export interface PlacementQuestion {
  readonly resources: readonly PlaceableResource[];
  readonly devices: readonly PlacementDevice[];
  /** What was decided last time; a resource stays while its device still qualifies. */
  readonly previous: Placement;
}

/** Room on one device while a placement is being planned. */
interface Room extends PlacementDevice {
  readonly taken: ResourceId[];
}

/**
 * Plans which device runs what: by labels, links and capacity, what requires each other together, nothing moved without
 * need. What may run on several devices does so where room is left once everything runs somewhere; it makes room for
 * nothing that comes later. The same question has the same answer in whatever order it is put.
 */
export function planPlacement({ resources, devices, previous }: PlacementQuestion): {
  readonly placement: Placement;
  readonly unplaced: readonly UnplacedResource[];
} {
  const rooms = sortedBy(devices, ({ account }) => account).map((device): Room => ({ ...device, taken: [] }));
  const { units, missing } = planUnits(resources);
  const moving = units.filter((unit) => !take(roomBefore(unit, { rooms, previous }), unit));
  const copies = units.filter((unit) => !moving.includes(unit)).flatMap((unit) => unit.copies);
  const missed = copies.filter((copy) => !take(roomBefore(copy, { rooms, previous }), copy));
  const unplaced = moving.toSorted((a, b) => b.ids.length - a.ids.length).flatMap((unit) => settle(unit, rooms));
  const settled = moving.filter(({ ids }) => !unplaced.some(({ resource }) => ids.includes(resource)));
  // How many there are is a wish: a copy that finds no room is none that is missing.
  for (const copy of [...missed, ...settled.flatMap((unit) => unit.copies)]) settle(copy, rooms);
  const placement = new Map(rooms.map(({ account, taken }) => [account, taken.toSorted()]));
  const without = missing.map((resource): UnplacedResource => ({ resource, reason: 'requirement-missing' }));
  return { placement, unplaced: sortedBy([...without, ...unplaced], ({ resource }) => resource) };
}

/** The room of the device that had the most of a unit and still qualifies. */
function roomBefore(
  unit: PlacementCopy,
  { rooms, previous }: { rooms: readonly Room[]; previous: Placement },
): Room | undefined {
  const kept = (room: Room) => previous.get(room.account)?.filter((id) => unit.ids.includes(id)).length ?? 0;
  const before = rooms.filter((room) => kept(room) > 0 && qualifies(room, unit) && left(room) >= unit.ids.length);
  return before.toSorted((a, b) => kept(b) - kept(a))[0];
}

/** Puts a unit where most room is left, or says why it can't. */
function settle(unit: PlacementCopy, rooms: readonly Room[]): UnplacedResource[] {
  const matching = rooms.filter((room) => qualifies(room, unit));
  const roomy = matching.filter((room) => left(room) >= unit.ids.length).toSorted((a, b) => left(b) - left(a));
  if (take(roomy[0], unit)) return [];
  const reason = matching.length === 0 ? 'no-matching-device' : 'no-capacity';
  return unit.ids.map((resource) => ({ resource, reason }));
}

function take(room: Room | undefined, unit: PlacementCopy): boolean {
  room?.taken.push(...unit.ids);
  return room !== undefined;
}

/** A device runs nothing twice. */
function qualifies(room: Room, unit: PlacementCopy): boolean {
  return (
    !room.taken.some((id) => unit.ids.includes(id)) &&
    unit.links.every((link) => room.links.includes(link)) &&
    unit.labels.every((wanted) => satisfiesLabels(room.labels, { wanted }))
  );
}

function left(room: Room): number {
  return room.capacity - room.taken.length;
}

function sortedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

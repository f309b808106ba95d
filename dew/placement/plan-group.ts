import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import type { Document, VirtualResource } from '../../core/document/schema.ts';
import { resourceIdOf, type GroupId, type ResourceId } from '../../core/ids.ts';
import type { ConfigurationRecord } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { planUnits } from '../../core/placement-units.ts';
import { planPlacement, type Placement, type PlacementDevice, type UnplacedResource } from '../../core/placement.ts';

/** A device whose profile says nothing of its capacity runs this many resources. */
const DEFAULT_CAPACITY = 16;

/** What a group is planned from. */
export interface GroupQuestion {
  readonly state: LedgerState;
  readonly group: GroupId;
  readonly documentOf: (digest: Digest) => Document | undefined;
  readonly previous: Placement;
}

/** Where a group's resources run. */
export interface GroupPlan {
  readonly placement: Placement;
  readonly unplaced: readonly UnplacedResource[];
  /**
   * Active resources that can't be decided about until their document, or some device's profile, is uploaded (again):
   * a dew that lost its disk must not have its devices stop what they run.
   */
  readonly undecided: readonly ResourceId[];
}

/** Plans a group's active resources over its active edges. Devices of unknown profile keep what they have. */
export function planGroup(question: GroupQuestion): GroupPlan {
  const { state, group, documentOf, previous } = question;
  const heads = [...state.heads.values()].filter((head) => head.group === group && head.status === 'active');
  const known = heads.map((head) => ({ head, document: documentOf(head.digest) })).filter(isKnown);
  const devices = devicesOf(question);
  const fixed = fixedOf(devices, { previous, heads });
  const taken = [...fixed.values()].flat();
  const resources = known.map(({ document }) => placeable(document, { taken })).filter(({ replicas }) => replicas > 0);
  const isBlind = devices.some(({ device }) => device === undefined);
  const unknown = heads.filter((head) => documentOf(head.digest) === undefined).map(({ resource }) => resource);
  const waiting = isBlind || unknown.length > 0 ? planUnits(resources).missing : [];
  const planned = planPlacement({
    resources,
    devices: reserve([...unknown, ...waiting], { devices, previous }),
    previous,
  });
  const isOpen = ({ reason }: UnplacedResource): boolean =>
    isBlind || (unknown.length > 0 && reason === 'requirement-missing');
  const open = planned.unplaced.filter(isOpen).map(({ resource }) => resource);
  const undecided = [...new Set([...unknown, ...open])].sort();
  return {
    placement: keep(undecided, { placement: new Map([...planned.placement, ...fixed]), previous }),
    unplaced: planned.unplaced.filter((one) => !isOpen(one)),
    undecided,
  };
}

/** The devices of known profile, less the room of what stays on them undecided: once it is decided, it need not move. */
function reserve(
  undecided: readonly ResourceId[],
  { devices, previous }: { devices: readonly GroupDevice[]; previous: Placement },
): readonly PlacementDevice[] {
  return devices.flatMap(({ account, device }) => {
    const kept = (previous.get(account) ?? []).filter((resource) => undecided.includes(resource));
    return device === undefined ? [] : [{ ...device, capacity: device.capacity - kept.length }];
  });
}

/** What can't be decided now stays where it was, so that it need not move once it can be. */
function keep(
  undecided: readonly ResourceId[],
  { placement, previous }: { placement: Placement; previous: Placement },
): Placement {
  return new Map(
    [...placement].map(([account, resources]) => {
      const kept = (previous.get(account) ?? []).filter((resource) => undecided.includes(resource));
      return [account, [...new Set([...resources, ...kept])].sort()];
    }),
  );
}

interface KnownResource {
  readonly head: ConfigurationRecord;
  readonly document: VirtualResource;
}

function isKnown(one: { head: ConfigurationRecord; document: Document | undefined }): one is KnownResource {
  return one.document?.kind === 'VirtualResource';
}

/** What is left to be placed of a resource, of which some stays where nobody can decide about it. */
function placeable({ metadata, spec }: VirtualResource, { taken }: { taken: readonly ResourceId[] }) {
  const id = resourceIdOf(metadata);
  const requires = spec.requires.map(({ resource }) => resourceIdOf({ tenant: metadata.tenant, name: resource }));
  const replicas = spec.replicas.max - taken.filter((one) => one === id).length;
  return { id, labels: spec.placement.labels, links: spec.network, requires, replicas };
}

interface GroupDevice {
  readonly account: Account;
  /** Undefined where its profile is on the ledger but not here. */
  readonly device: PlacementDevice | undefined;
}

function devicesOf({ state, group, documentOf }: GroupQuestion): readonly GroupDevice[] {
  const edges = [...state.devices.values()].filter(
    (device) => device.group === group && device.kind === 'edge' && device.status === 'active',
  );
  return edges.map(({ account, profile }) => {
    if (profile === undefined)
      return { account, device: { account, labels: {}, links: [], capacity: DEFAULT_CAPACITY } };
    const document = documentOf(profile);
    if (document?.kind !== 'DeviceProfile') return { account, device: undefined };
    const { labels, links, capacity } = document.spec;
    return { account, device: { account, labels, links, capacity: capacity.resources } };
  });
}

function fixedOf(
  devices: readonly GroupDevice[],
  { previous, heads }: { previous: Placement; heads: readonly ConfigurationRecord[] },
): Placement {
  const active = new Set(heads.map(({ resource }) => resource));
  const blind = devices.filter(({ device }) => device === undefined);
  return new Map(
    blind.map(({ account }) => [account, (previous.get(account) ?? []).filter((resource) => active.has(resource))]),
  );
}

import type { Account } from '../core/account.ts';
import type { Digest } from '../core/digest.ts';
import type { VirtualResource } from '../core/document/schema.ts';
import { resourceIdOf, type GroupId, type Name, type ResourceId } from '../core/ids.ts';
import type { Placement } from '../core/placement.ts';
import type { AssignmentList } from '../core/wire/assignment.ts';
import type { SendHint } from './hint-broker.ts';
import { createTurns } from '../platform/create-turns.ts';
import type { Catalog } from './documents/catalog.ts';
import type { ContentStore } from './documents/content-store.ts';
import { planDropped } from './documents/plan-dropped.ts';
import { verifyUpload } from './documents/verify-upload.ts';
import { listHoldings, type Holdings } from './ledger/holdings.ts';
import type { KnownState } from './ledger/state-json.ts';
import { planGroup, type GroupPlan } from './placement/plan-group.ts';
import type { PlacementStore } from './placement/placement-store.ts';

/** What a dew offers at this moment: what the ledger holds for its groups, and what it placed where. */
export interface Offer {
  readonly known: KnownState;
  readonly holdings: Holdings;
  readonly plans: ReadonlyMap<GroupId, GroupPlan>;
}

/** Keeps a dew's offer in step with its ledger and its documents. */
export interface Provisioning {
  /** Undefined until the ledger is known. */
  offer(): Offer | undefined;
  /** The ledger changed: plan anew, drop what it no longer holds, tell the groups. */
  readonly takeState: (known: KnownState) => Promise<void>;
  /** A document arrived: check it, put it on disk (fsync), plan with it. @throws what `verifyUpload` does, DISK_FULL */
  takeDocument(digest: Digest, bytes: Uint8Array): Promise<void>;
  /** The disk lost a document: it counts as never uploaded, and what it decides stays as it is. */
  loseDocument(digest: Digest): Promise<void>;
  /** What one device is to run. */
  assignmentsOf(account: Account): Omit<AssignmentList, 'rollouts'>;
}

/** What provisioning stands on; `hint` tells a group's devices to look again. */
export interface ProvisioningOptions {
  readonly tenant: Name;
  readonly groups: ReadonlySet<GroupId>;
  readonly documents: ContentStore;
  readonly artifacts: ContentStore;
  readonly catalog: Catalog;
  readonly placements: PlacementStore;
  /** How many versions of each resource are kept that the ledger names no more. */
  readonly keepVersions: number;
  readonly hint: SendHint;
}

/** Starts with the last placement, which the first state confirms or changes. */
export function createProvisioning(options: ProvisioningOptions): Provisioning {
  const { groups, catalog, placements, documents } = options;
  let placement: Placement = placements.loaded;
  let offer: Offer | undefined;
  // A plan reads what the one before it wrote: a document that arrives meanwhile waits its turn.
  const inTurn = createTurns();

  async function plan(known: KnownState): Promise<void> {
    const previous = placement;
    const holdings = listHoldings(known.state, groups);
    const plans = new Map(
      [...groups].map((group) => {
        return [group, planGroup({ state: known.state, group, documentOf: catalog.get, previous })] as const;
      }),
    );
    const next = new Map([...plans.values()].flatMap((planned) => [...planned.placement]));
    if (!isSamePlacement(previous, next)) await placements.save(next);
    // Only now: what a full disk refused would count as saved the next time.
    placement = next;
    offer = { known, holdings, plans };
  }

  function hintAll(about: 'ledger' | 'assignments'): void {
    for (const group of groups) options.hint(group, { about });
  }

  const resourceNamed = (name: Name) => newestNamed({ tenant: options.tenant, name }, { offer, catalog });

  return {
    offer: () => offer,
    takeState: (known) =>
      inTurn(async () => {
        await plan(known);
        if (offer) await sweep(options, offer.holdings);
        hintAll('ledger');
      }),
    takeDocument: (digest, bytes) =>
      inTurn(async () => {
        // In its turn: the ledger may have dropped it while it was on its way.
        const document = verifyUpload({ digest, bytes, holdings: offer?.holdings ?? new Map(), lookUp: resourceNamed });
        await documents.put(digest, bytes);
        catalog.add(digest, document);
        if (offer) await plan(offer.known);
        hintAll('assignments');
      }),
    loseDocument: (digest) =>
      inTurn(async () => {
        // It may have been uploaded again while this waited for its turn.
        if ((await documents.get(digest)) !== undefined) return;
        catalog.remove([digest]);
        if (offer) await plan(offer.known);
      }),
    assignmentsOf: (account) => assignmentsOf(account, { offer, catalog }),
  };
}

interface Shelf {
  readonly offer: Offer | undefined;
  readonly catalog: Catalog;
}

function assignmentsOf(account: Account, { offer, catalog }: Shelf): Omit<AssignmentList, 'rollouts'> {
  const state = offer?.known.state;
  const group = state?.devices.get(account)?.group;
  const planned = group === undefined ? undefined : offer?.plans.get(group);
  const assignments = (planned?.placement.get(account) ?? []).flatMap((resource) => {
    const head = state?.heads.get(resource);
    const document = head && catalog.get(head.digest);
    if (head?.status !== 'active' || document?.kind !== 'VirtualResource') return [];
    return [{ tenant: document.metadata.tenant, name: document.metadata.name, digest: head.digest }];
  });
  return { device: account, assignments, undecided: [...(planned?.undecided ?? [])] };
}

/** The newest document of a resource: what is proposed stands before what is active. */
function newestNamed(scope: { tenant: Name; name: Name }, { offer, catalog }: Shelf): VirtualResource | undefined {
  const id: ResourceId = resourceIdOf(scope);
  const named = [...(offer?.holdings ?? [])].flatMap(([digest, { heads, proposals }]) =>
    [...heads, ...proposals].filter(({ resource }) => resource === id).map(({ version }) => ({ digest, version })),
  );
  const newest = named.toSorted((a, b) => (a.version < b.version ? 1 : -1));
  const found = newest.map(({ digest }) => catalog.get(digest)).find((document) => document !== undefined);
  return found?.kind === 'VirtualResource' ? found : undefined;
}

/** Drops what nothing on the ledger names any more and no device can have run lately, and the artifacts of that. */
async function sweep({ documents, artifacts, catalog, keepVersions }: ProvisioningOptions, holdings: Holdings) {
  const digests = await documents.digests();
  const dropped = planDropped({ digests, documentOf: catalog.get, holdings, keepVersions });
  await documents.delete(dropped);
  catalog.remove(dropped);
  await artifacts.delete((await artifacts.digests()).filter((digest) => catalog.naming(digest).length === 0));
}

function isSamePlacement(first: Placement, second: Placement): boolean {
  const textOf = (placement: Placement): string => JSON.stringify([...placement].sort(([a], [b]) => (a < b ? -1 : 1)));
  return textOf(first) === textOf(second);
}

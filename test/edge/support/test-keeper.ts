import type { Anchor } from '../../../core/state/anchor.ts';
import type { DewproofError } from '../../../core/errors.ts';
import { createStateKeeper, type StateKeeper } from '../../../edge/state/state-keeper.ts';
import { createDeviceMemory, type DeviceMemory } from '../../../edge/store/device-memory.ts';
import { createEdgeStore, type EdgeStore } from '../../../edge/store/edge-store.ts';
import { loadMemory } from '../../../edge/store/load-memory.ts';
import { noteOfAnchor } from '../../../platform/anchors/anchor-note.ts';
import type { Store } from '../../../platform/store/open-store.ts';
import { DEVICE, GENESIS, openState, worldAnchor } from './bundle-world.ts';
import { TENANT } from './site.ts';
import { openTestStore } from './test-store.ts';

/** A keeper over a database of its own; `world` is what a test changes. */
export interface TestKeeper {
  readonly keeper: StateKeeper;
  readonly memory: DeviceMemory;
  readonly store: EdgeStore;
  readonly world: { anchor: Anchor; now: bigint; standing: readonly Anchor[]; missing: number | undefined };
  readonly damage: DewproofError[];
  /** The same device after a power cut; nothing is restored yet. */
  open(): Promise<TestKeeper>;
  /** The same device after a power cut. */
  boot(): Promise<TestKeeper>;
}

/** Opens a keeper of a device that is to run these resources; nothing is restored yet. */
export async function openTestKeeper({
  assigned = ['climate'],
  anchor = worldAnchor,
  database,
}: {
  readonly assigned?: readonly string[];
  readonly anchor?: Anchor;
  readonly database?: Store;
} = {}): Promise<TestKeeper> {
  const store = createEdgeStore(database ?? (await openTestStore()));
  const world: TestKeeper['world'] = { anchor, now: GENESIS, standing: [], missing: undefined };
  const resources = assigned.map((name) => ({ tenant: TENANT, name }));
  await store.write([{ kind: 'assigned', value: { resources } }]);
  const open = async (): Promise<TestKeeper> => {
    const memory = createDeviceMemory(await loadMemory(store), store);
    const damage: DewproofError[] = [];
    const keeper = createStateKeeper({
      memory,
      store,
      openState,
      anchor: () => world.anchor,
      standing: () => world.standing,
      missing: () => world.missing,
      note: () => (world.missing === undefined ? noteOfAnchor({ anchor: world.anchor, home: anchor }) : undefined),
      account: DEVICE,
      clock: () => Number(world.now) * 1000,
      onDamage: (error) => damage.push(error),
    });
    const boot = async () => {
      const again = await open();
      await again.keeper.restore();
      return again;
    };
    return { keeper, memory, store, world, damage, open, boot };
  };
  return open();
}

import { z } from 'zod';
import type { ResourceId } from '../../core/ids.ts';
import { signedOrderSchema } from '../../core/rollout/order.ts';
import { signedOutcomeSchema } from '../../core/rollout/outcome.ts';
import type { Log } from '../../platform/log.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { DURABLE, sublevelOf, type Store } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';

/** The newest order of a resource, and what its devices said last; times in Unix milliseconds. */
const dewRolloutSchema = z.strictObject({
  signed: signedOrderSchema,
  receivedMs: z.int().min(0),
  /** So many canaries failed under this very order as it allows. */
  halted: z.boolean(),
  outcomes: z.array(z.strictObject({ signed: signedOutcomeSchema, atMs: z.int().min(0) })),
});
export type DewRollout = z.output<typeof dewRolloutSchema>;

/** Where a dew keeps rollouts. */
export interface RolloutStore {
  readonly loaded: ReadonlyMap<ResourceId, DewRollout>;
  /** On disk (fsync) when it returns. @throws DISK_FULL, STORE_CORRUPT */
  save(resource: ResourceId, rollout: DewRollout): Promise<void>;
}

/** Opens the rollouts' part of a database; a damaged one counts as never received, which is logged. @throws STORE_CORRUPT */
export async function openRolloutStore(store: Store, log: Log): Promise<RolloutStore> {
  const part = sublevelOf(store, 'rollouts');
  const loaded = new Map<ResourceId, DewRollout>();
  for (const [resource, record] of await guardStore(() => part.iterator().all())) {
    try {
      loaded.set(resource as ResourceId, dewRolloutSchema.parse(JSON.parse(openRecord(record))));
    } catch (error) {
      log.error({ code: 'STORE_CORRUPT', resource, error }, 'A stored rollout is damaged; have its order given again');
    }
  }
  return {
    loaded,
    save: (resource, rollout) => guardStore(() => part.put(resource, sealRecord(JSON.stringify(rollout)), DURABLE)),
  };
}

import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { accountField, bytes32Field } from '../../core/fields.ts';
import type { Placement } from '../../core/placement.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { DURABLE, sublevelOf, type Store } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';

const placementSchema = z.array(z.tuple([accountField, z.array(bytes32Field)]));

const KEY = 'placement';

/** Where a dew keeps what it placed where, so that nothing moves because the dew restarted. */
export interface PlacementStore {
  readonly loaded: Placement;
  /** On disk (fsync) when it returns. @throws DISK_FULL, STORE_CORRUPT */
  save(placement: Placement): Promise<void>;
}

/** Opens the placement's part of a database. @throws STORE_CORRUPT */
export async function openPlacementStore(store: Store): Promise<PlacementStore> {
  const part = sublevelOf(store, 'placement');
  const record = await guardStore(() => part.get(KEY));
  return {
    loaded: record === undefined ? new Map() : parsePlacement(openRecord(record)),
    save: (placement) => guardStore(() => part.put(KEY, sealRecord(JSON.stringify([...placement])), DURABLE)),
  };
}

function parsePlacement(text: string): Placement {
  const parsed = placementSchema.safeParse(JSON.parse(text));
  if (parsed.success) return new Map(parsed.data);
  throw new DewproofError('STORE_CORRUPT', 'The stored placement is of another version; move the data folder away.');
}

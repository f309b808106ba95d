import { join } from 'node:path';
import type { ErrorCode } from '../../core/errors.ts';
import { makeDataFolder } from '../../platform/store/make-data-folder.ts';
import { openStore } from '../../platform/store/open-store.ts';
import type { Opened } from '../close-all.ts';
import type { EdgeOptions } from '../edge-options.ts';
import { createEdgeMetrics } from '../metrics/edge-metrics.ts';
import { createRefusals } from '../refusals.ts';
import { createEdgeStore } from '../store/edge-store.ts';
import { openMemory } from '../store/open-memory.ts';

/** What all else stands on: the disk, what the device remembers, and who hears of refusals. */
export type Ground = Awaited<ReturnType<typeof openGround>>;

/** Opens the ground; `time.now` is the host's until the device has its own. @throws STORE_LOCKED, STORE_CORRUPT, DISK_FULL */
export async function openGround({ config, clock, log }: EdgeOptions, opened: Opened) {
  await makeDataFolder(config.dataFolder);
  const database = await openStore(join(config.dataFolder, 'store'));
  opened.push(() => database.close());
  const store = createEdgeStore(database);
  const metrics = createEdgeMetrics({ elapsedMs: () => performance.now() });
  const onRecord = ({ about, code }: { about: string; code: ErrorCode }) => {
    metrics.refused({ by: 'daemon', code });
    if (about === 'ledger') metrics.lost();
  };
  const time = { now: clock };
  const refusals = createRefusals({ clock: () => time.now(), log, onRecord });
  const memory = await openMemory(store, refusals);
  return { database, store, metrics, time, refusals, memory };
}

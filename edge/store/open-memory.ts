import type { Refusals } from '../refusals.ts';
import { createDeviceMemory, type DeviceMemory } from './device-memory.ts';
import type { EdgeStore } from './edge-store.ts';
import { loadMemory } from './load-memory.ts';

/** Opens what a device remembers; each damaged record is told. @throws STORE_CORRUPT (nothing can be read) */
export async function openMemory(store: EdgeStore, refusals: Refusals): Promise<DeviceMemory> {
  const loaded = await loadMemory(store);
  for (const { error } of loaded.damaged) {
    refusals.record({ about: 'store', code: error.code, message: error.message });
  }
  return createDeviceMemory(loaded, store);
}

import type { DeviceMemory } from '../store/device-memory.ts';
import type { StoreChange } from '../store/edge-store.ts';
import type { Trusted } from './trusted.ts';

/**
 * Notes which anchor is in use, with whatever is believed or let go by it: whoever then deletes that anchor alone, or puts
 * a former one in its place, is found out. While one is missing what was noted stays.
 */
export function planNote({ inUse }: Pick<DeviceMemory, 'inUse'>, { note }: Trusted): readonly StoreChange[] {
  const isKnown = inUse?.version === note?.version && inUse?.digest === note?.digest && inUse?.home === note?.home;
  return note === undefined || isKnown ? [] : [{ kind: 'in-use', value: note }];
}

import type { Digest } from '../../core/digest.ts';
import { hasCode, type DewproofError } from '../../core/errors.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import type { StoreChange } from '../store/edge-store.ts';
import { planNote } from './plan-note.ts';
import type { Trusted } from './trusted.ts';

/** What keeping the record of the newest bundle needs. */
export interface HeadRecordDeps {
  readonly memory: DeviceMemory;
  /** Hears why the disk did not take what is known of it. */
  readonly onDamage: (error: DewproofError) => void;
}

/** The record of the newest bundle that was accepted, between one bundle and the next. */
export interface HeadRecord {
  /**
   * Notes which anchor is in use, and that what is `held`, the newest first, stood under it: should the disk lose that one,
   * it is known that it does, and of what did not, nothing comes back. One that came since may disown it, and is yet to be
   * asked.
   */
  confirm(held: readonly Digest[], trusted: Trusted): Promise<void>;
  /** Of two chains, or after others' signatures, the checkpoint's goes on, at whatever height it is. @throws DISK_FULL, STORE_CORRUPT */
  forget(trusted: Trusted): Promise<void>;
}

/** Keeps it in the device's memory. */
export function createHeadRecord({ memory, onDamage }: HeadRecordDeps): HeadRecord {
  /** Nothing where it stood under that one already, or is not what the disk holds. */
  function confirmed(held: readonly Digest[], { anchor: { version } }: Trusted): readonly StoreChange[] {
    const { head } = memory;
    if (head === undefined || head.bundle !== held[0] || (head.anchorVersion ?? 0) >= version) return [];
    const kept = head.kept.filter((digest) => held.includes(digest));
    return [{ kind: 'head', value: { ...head, kept, anchorVersion: version } }];
  }

  async function confirm(held: readonly Digest[], trusted: Trusted): Promise<void> {
    try {
      await memory.remember(() => [...confirmed(held, trusted), ...planNote(memory, trusted)]);
    } catch (error) {
      if (!hasCode(error)) throw error;
      onDamage(error);
    }
  }

  return {
    confirm,
    forget: (trusted) => memory.remember(() => [{ kind: 'head', value: undefined }, ...planNote(memory, trusted)]),
  };
}

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
   * Notes which anchor is in use, and that what is held, the newest of it being `newest`, stood under it: should the disk
   * lose that one, it is known that it does. One that came since may disown it, and is yet to be asked.
   */
  confirm(newest: Digest | undefined, trusted: Trusted): Promise<void>;
  /** Of two chains, or after others' signatures, the checkpoint's goes on, at whatever height it is. @throws DISK_FULL, STORE_CORRUPT */
  forget(trusted: Trusted): Promise<void>;
}

/** Keeps it in the device's memory. */
export function createHeadRecord({ memory, onDamage }: HeadRecordDeps): HeadRecord {
  /** Nothing where it stood under that one already, or is not what the disk holds. */
  function confirmed(newest: Digest | undefined, { anchor: { version } }: Trusted): readonly StoreChange[] {
    const { head } = memory;
    if (head === undefined || head.bundle !== newest || (head.anchorVersion ?? 0) >= version) return [];
    return [{ kind: 'head', value: { ...head, anchorVersion: version } }];
  }

  async function confirm(newest: Digest | undefined, trusted: Trusted): Promise<void> {
    try {
      await memory.remember(() => [...confirmed(newest, trusted), ...planNote(memory, trusted)]);
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

import type { Digest } from '../../core/digest.ts';
import { hasCode, type DewproofError } from '../../core/errors.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
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
   * Notes that what is held, the newest of it being `newest`, stood under this anchor: should the disk lose that one, it
   * is known that it does. One that came since may disown it, and is yet to be asked.
   */
  confirm(newest: Digest | undefined, trusted: Trusted): Promise<void>;
  /** Of two chains, or after others' signatures, the checkpoint's goes on, at whatever height it is. @throws DISK_FULL, STORE_CORRUPT */
  forget(): Promise<void>;
}

/** Keeps it in the device's memory. */
export function createHeadRecord({ memory, onDamage }: HeadRecordDeps): HeadRecord {
  async function confirm(newest: Digest | undefined, { anchor: { version } }: Trusted): Promise<void> {
    const { head } = memory;
    if (head === undefined || head.bundle !== newest || (head.anchorVersion ?? 0) >= version) return;
    try {
      await memory.remember(() => [{ kind: 'head', value: { ...head, anchorVersion: version } }]);
    } catch (error) {
      if (!hasCode(error)) throw error;
      onDamage(error);
    }
  }

  return { confirm, forget: () => memory.remember(() => [{ kind: 'head', value: undefined }]) };
}

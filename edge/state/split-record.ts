import { hasCode, type DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import type { StoredSplit } from '../store/stored-records.ts';
import type { KeptState } from './proven-state.ts';
import { liftsSplit, splitError, UNKNOWN_VERSION } from './split.ts';

/** What keeping a split needs. */
export interface SplitRecordDeps {
  readonly memory: DeviceMemory;
  /** Hears why the disk did not take what is known of one. */
  readonly onDamage: (error: DewproofError) => void;
}

/** The proved split that a device knows of. */
export interface SplitRecord {
  found(): StoredSplit | undefined;
  /** Writes down two that contradict each other. @throws EQUIVOCATION, DISK_FULL, STORE_CORRUPT (it counts nevertheless) */
  keep(both: readonly [KeptState, KeptState]): Promise<never>;
  /** @throws EQUIVOCATION, DISK_FULL, STORE_CORRUPT (there is one) */
  verifyNone(): Promise<void>;
  /** Lifts it where the anchor does; `reached` is the height of the newest block that was believed. @throws DISK_FULL, STORE_CORRUPT */
  lift(anchor: Anchor, reached: bigint): Promise<boolean>;
}

/** Opens what the disk holds of a split. One that the disk does not take counts all the same, and is written later. */
export function createSplitRecord({ memory, onDamage }: SplitRecordDeps): SplitRecord {
  let unwritten: StoredSplit | undefined;
  const found = () => memory.split ?? unwritten;

  async function write(value: StoredSplit, proofs: readonly KeptState[] = []): Promise<void> {
    await memory.remember(() => [
      ...proofs.map(({ digest, bundle }) => ({ kind: 'bytes', in: 'bundles', digest, value: bundle }) as const),
      { kind: 'split', value },
    ]);
    unwritten = undefined;
  }

  /** The evidence outlives a power cut, and with it that nothing is believed any more. */
  async function keep(both: readonly [KeptState, KeptState]): Promise<never> {
    const [one, other] = both;
    unwritten = {
      height: one.state.block.height,
      hashes: [one.state.block.hash, other.state.block.hash],
      bundles: [one.digest, other.digest],
      anchorVersion: other.anchorVersion,
    };
    const error = splitError(unwritten);
    await write(unwritten, both);
    throw error;
  }

  async function tryTo(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!hasCode(error)) throw error;
      onDamage(error);
    }
  }

  async function lift(anchor: Anchor, reached: bigint): Promise<boolean> {
    const split = found();
    if (split === undefined) return false;
    if (split.anchorVersion === UNKNOWN_VERSION) {
      // Where the disk fails it stays as it is, and nothing lifts it.
      await tryTo(() => write({ ...split, anchorVersion: anchor.version }));
      return false;
    }
    if (!liftsSplit(anchor, { split, reached })) return false;
    await memory.remember(() => [{ kind: 'split', value: undefined }]);
    unwritten = undefined;
    return true;
  }

  return {
    found,
    keep,
    verifyNone: async () => {
      const split = found();
      if (split === undefined) return;
      if (memory.split === undefined) await write(split);
      throw splitError(split);
    },
    lift,
  };
}

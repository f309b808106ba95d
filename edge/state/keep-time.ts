import type { DeviceMemory } from '../store/device-memory.ts';
import type { DeviceClock } from './device-clock.ts';

/** A device that counts its powered time loses at most this much of it to a power cut. */
const EVERY_MS = 600_000;

/** Writes down what time the device has reached, until closed. */
export interface TimeKeeper {
  /** Writes it down now; where the disk fails it is tried again with the next. */
  keep(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps the device's time on disk (fsync), every ten minutes and whenever asked. */
export function keepTime({
  clock,
  memory,
  onTrouble,
}: {
  readonly clock: Pick<DeviceClock, 'reached'>;
  readonly memory: DeviceMemory;
  readonly onTrouble: (error: unknown) => void;
}): TimeKeeper {
  const keep = async () => {
    try {
      await memory.remember(() => [{ kind: 'time', value: { reached: BigInt(Math.floor(clock.reached() / 1000)) } }]);
    } catch (error) {
      onTrouble(error);
    }
  };
  const timer = setInterval(() => void keep(), EVERY_MS);
  timer.unref();
  return {
    keep,
    close: async () => {
      clearInterval(timer);
      await keep();
    },
  };
}

import { openBleLink, type BleLink, type BleLinkDeps } from './ble-link.ts';

/** A sensor that may be connected or not; all its inputs share one connection. */
export interface BlePeripheral {
  /** The connection under way or at hand, or a new one. @throws UNSUPPORTED, LINK_MISSING, SENSOR_UNAVAILABLE */
  link(): Promise<BleLink>;
  close(): Promise<void>;
}

/** Makes a sensor of an address; nothing is asked of it before a link is. `before` is the end of one before it. */
export function createBlePeripheral(
  { address, before }: { readonly address: string; readonly before: Promise<void> },
  deps: BleLinkDeps,
): BlePeripheral {
  const life = new AbortController();
  let current: Promise<BleLink> | undefined;
  let closing = before;

  async function connect(): Promise<BleLink> {
    await closing;
    life.signal.throwIfAborted();
    const link = await openBleLink({ address, signal: life.signal }, deps);
    const forget = () => {
      current = undefined;
      closing = link.close();
    };
    if (link.lost.aborted) forget();
    else link.lost.addEventListener('abort', forget, { once: true });
    return link;
  }

  return {
    link: () => {
      current ??= connect().catch((error: unknown) => {
        current = undefined;
        throw error;
      });
      return current;
    },
    close: async () => {
      life.abort();
      // One that fails now had nothing to close.
      const link = await current?.catch(() => undefined);
      await link?.close();
      await closing;
    },
  };
}

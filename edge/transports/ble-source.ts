import type { Subscription } from '../bus/bus.ts';
import { createBleBus } from './ble/ble-bus.ts';
import { openBleFeed, type BleSpec } from './ble/ble-feed.ts';
import { createBlePeripheral } from './ble/ble-peripheral.ts';
import { loadNodeBle, type ConnectBle } from './ble/node-ble.ts';
import { createShared } from './ble/shared.ts';
import { bleTiming, type BleTiming } from './ble/timing.ts';

/** What Bluetooth inputs stand on; `load` and `timing` have defaults. */
export interface BleSourceDeps {
  readonly random: () => number;
  readonly load?: () => Promise<ConnectBle>;
  readonly timing?: BleTiming;
}

/** How a device hears Bluetooth Low Energy sensors. */
export interface BleSources {
  /**
   * Hears one characteristic until it is closed. Inputs of one sensor share its connection, and inputs of one
   * characteristic its notifications: an update of a resource interrupts nothing.
   */
  open(spec: BleSpec, deliver: (message: Uint8Array) => void): Subscription;
  /** Disconnects from every sensor. */
  close(): Promise<void>;
}

/** Makes a device's Bluetooth inputs, through BlueZ over D-Bus; nothing is loaded or opened before the first is. */
export function createBleSources({ random, load = loadNodeBle, timing = bleTiming }: BleSourceDeps): BleSources {
  const bus = createBleBus(load);
  const peripherals = createShared((address, before) => createBlePeripheral({ address, before }, { bus, timing }));
  const feeds = createShared((key, before) => {
    const spec = JSON.parse(key) as BleSpec;
    const { value: peripheral, release } = peripherals.use(spec.address);
    return openBleFeed(spec, { before, peripheral, release, random, timing });
  });

  return {
    open: ({ address, service, characteristic, every }, deliver) => {
      const { value: feed, release } = feeds.use(JSON.stringify({ address, service, characteristic, every }));
      // A function of its own, so that two inputs with the same `deliver` are two.
      const listener = (message: Uint8Array) => {
        deliver(message);
      };
      feed.listeners.add(listener);
      return {
        verify: () => {
          feed.verify();
        },
        close: () => {
          feed.listeners.delete(listener);
          release();
        },
      };
    },
    close: async () => {
      await feeds.close();
      await peripherals.close();
    },
  };
}

import type { EventEmitter } from 'node:events';
import type { Bluetooth, Device, GattCharacteristic } from 'node-ble';
import { DewproofError } from '../../../core/errors.ts';

/** What stands behind node-ble's objects that its types leave out (1.13.0, pinned). */
interface Helped {
  readonly helper: {
    prop(name: string): Promise<unknown>;
    /** Stops hearing of the object's properties. */
    removeListeners(): void;
  };
}

/** A sensor, as node-ble sees it. */
export type BleDevice = Omit<Device, 'isConnected'> & Helped & { isConnected(): Promise<boolean> };
/** One of its values, as node-ble sees it. */
export type BleCharacteristic = GattCharacteristic & Helped;

/** A connection to the system's D-Bus; it fails by an `error` of `dbus`, and unanswered calls never settle. */
export interface BleConnection {
  readonly bluetooth: Bluetooth & {
    readonly dbus: EventEmitter & { readonly _connection?: { readonly stream?: { destroy(): void } } };
  };
  readonly destroy: () => void;
}

/** Connects to the bus that DBUS_SYSTEM_BUS_ADDRESS names, or to the system's own. */
export type ConnectBle = () => BleConnection;

/** Loads node-ble, which is optional: a device without Bluetooth does without. @throws UNSUPPORTED (not installed) */
export async function loadNodeBle(): Promise<ConnectBle> {
  try {
    const { createBluetooth } = await import('node-ble');
    return createBluetooth as ConnectBle;
  } catch (cause) {
    const what = 'This device does not speak Bluetooth, as node-ble is not installed';
    throw new DewproofError('UNSUPPORTED', `${what}; npm install node-ble@1.13.0, then start the edge again.`, {
      cause,
    });
  }
}

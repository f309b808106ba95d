import { DewproofError } from '../../../core/errors.ts';
import type { BleConnection, ConnectBle } from './node-ble.ts';

/** One D-Bus connection, as one of its users has it. */
export interface BleSession {
  readonly bluetooth: BleConnection['bluetooth'];
  /** Aborts with LINK_MISSING once the connection is gone. */
  readonly lost: AbortSignal;
  /** How many look for a sensor just now: the last one ends the search. */
  readonly search: { seekers: number };
  release(): void;
}

/** The D-Bus connection of a device, open while somebody uses it. */
export interface BleBus {
  /** @throws UNSUPPORTED (node-ble is not installed), LINK_MISSING (D-Bus has no usable address) */
  acquire(): Promise<BleSession>;
}

interface Open {
  readonly connection: BleConnection;
  readonly lost: AbortController;
  readonly search: { seekers: number };
  users: number;
  isEnded: boolean;
}

/**
 * Makes the one connection that all Bluetooth inputs share. It closes with its last user, and whoever comes next opens
 * a new one: dbus-next never takes back what it asked a bus to match, and buses allow a connection only so many.
 */
export function createBleBus(load: () => Promise<ConnectBle>): BleBus {
  let open: Open | undefined;

  function connect(connectBle: ConnectBle): Open {
    const opened: Open = {
      connection: tryConnect(connectBle),
      lost: new AbortController(),
      search: { seekers: 0 },
      users: 0,
      isEnded: false,
    };
    opened.connection.bluetooth.dbus.on('error', (cause: unknown) => {
      opened.lost.abort(unreachable(cause));
      end(opened);
    });
    return opened;
  }

  function end(ended: Open): void {
    if (open === ended) open = undefined;
    if (ended.isEnded) return;
    ended.isEnded = true;
    ended.connection.destroy();
    // A bus that hangs never closes its side, and would keep this process alive.
    ended.connection.bluetooth.dbus._connection?.stream?.destroy();
  }

  return {
    acquire: async () => {
      const connectBle = await load();
      const used = (open ??= connect(connectBle));
      used.users += 1;
      let isReleased = false;
      return {
        bluetooth: used.connection.bluetooth,
        lost: used.lost.signal,
        search: used.search,
        release: () => {
          if (isReleased) return;
          isReleased = true;
          used.users -= 1;
          if (used.users === 0) end(used);
        },
      };
    },
  };
}

function tryConnect(connectBle: ConnectBle): BleConnection {
  try {
    return connectBle();
  } catch (cause) {
    throw unreachable(cause);
  }
}

function unreachable(cause: unknown): DewproofError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DewproofError('LINK_MISSING', `Bluetooth is out of reach, as D-Bus fails: ${reason}; start dbus.`, {
    cause,
  });
}

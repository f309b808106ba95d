import type { Account } from '../../core/account.ts';

/** From which network (as `networkOf` tells them apart) devices last made a call that they signed. */
export interface SeenDevices {
  saw(device: Seen): void;
  /** Whether this account's own key was last used from this very network. */
  isThere(device: Seen): boolean;
}

interface Seen {
  readonly account: Account;
  readonly network: string;
}

/** Devices that call a dew do so every few seconds; who called longest ago is forgotten first. */
const MOST_SEEN = 4_096;

/** Remembers one network a device, so that a stolen key opens a way from one place at a time. */
export function createSeenDevices({ most = MOST_SEEN } = {}): SeenDevices {
  const networks = new Map<Account, string>();
  return {
    saw: ({ account, network }) => {
      networks.delete(account);
      networks.set(account, network);
      const [oldest] = networks.keys();
      if (networks.size > most && oldest !== undefined) networks.delete(oldest);
    },
    isThere: ({ account, network }) => networks.get(account) === network,
  };
}

import { networkInterfaces } from 'node:os';
import { links as kinds, type Link } from '../../core/document/addresses.ts';
import type { HostLink, HostLinks } from './host-link.ts';
import { readBluetoothLinks } from './read-bluetooth-links.ts';
import { readNetLinks } from './read-net-links.ts';
import { readRadioLinks } from './read-radio-links.ts';
import { readSerialLinks } from './read-serial-links.ts';

/** Where the system is looked at; tests give copies of `/sys` and `/dev`. */
export interface LinkSystem {
  /** As `process.platform` says. */
  readonly platform: string;
  readonly sysFolder: string;
  readonly devFolder: string;
  /** As `os.networkInterfaces` says. */
  readonly interfaces: () => Readonly<Record<string, readonly { readonly internal: boolean }[] | undefined>>;
}

const thisSystem: LinkSystem = {
  platform: process.platform,
  sysFolder: '/sys',
  devFolder: '/dev',
  interfaces: networkInterfaces,
};

/**
 * Reads which links this host has. Linux tells all but a LoRa radio on SPI; other systems tell no more than the name of
 * an interface does.
 */
export async function readLinks(system: LinkSystem = thisSystem): Promise<HostLinks> {
  return system.platform === 'linux' ? readLinuxLinks(system) : readNamedLinks(system);
}

async function readLinuxLinks(system: LinkSystem): Promise<HostLinks> {
  const found = await Promise.all([
    readNetLinks(system),
    readBluetoothLinks(system),
    readRadioLinks(system),
    readSerialLinks(system),
  ]);
  return untoldAside(found.flat(), ['lora']);
}

// Windows' and the BSDs' names say what an interface is; `en0` of macOS may be Wi-Fi or Ethernet, so it says neither.
const NAMES: readonly (readonly [RegExp, Link])[] = [
  [/^(?:wi-?fi|wlan)/i, 'wifi'],
  [/^(?:ethernet|eth|em|igb|ix|re|vtnet)\s?[0-9]*$/i, 'ethernet'],
  [/^(?:cellular|wwan)/i, 'cellular'],
];

function readNamedLinks({ interfaces }: LinkSystem): HostLinks {
  const links = Object.entries(interfaces()).flatMap(([name, addresses = []]): HostLink[] => {
    const kind = NAMES.find(([pattern]) => pattern.test(name))?.[1];
    // Only interfaces that have an address are listed at all.
    return kind === undefined || addresses.every(({ internal }) => internal) ? [] : [{ kind, name, isUp: true }];
  });
  return untoldAside(links, kinds);
}

/** What was found is told, whatever the system can't tell otherwise. */
function untoldAside(links: readonly HostLink[], untold: readonly Link[]): HostLinks {
  const found = new Set(links.map(({ kind }) => kind));
  return { links, untold: untold.filter((kind) => !found.has(kind)) };
}

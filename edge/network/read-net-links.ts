import { join } from 'node:path';
import type { Link } from '../../core/document/addresses.ts';
import type { HostLink } from './host-link.ts';
import { isThere, namesIn, readAttribute } from './sysfs.ts';

// if_arp.h
const ARPHRD_ETHER = '1';
const ARPHRD_NONE = '65534';

// An Ethernet frame leaves through these; bridges, bonds, VLANs and tunnels stand on other interfaces, which count.
const ETHERNET_TYPES: readonly (string | undefined)[] = [undefined, 'dsa', 'gadget', 'macvlan', 'ipvlan'];

/**
 * Network interfaces and cellular modems as Linux lists them (Documentation/ABI/testing/sysfs-class-net). Of virtual
 * ones only those count that lead out of here: a container's end of a pair, not a bridge, a dummy or a tunnel.
 */
export async function readNetLinks({ sysFolder }: { readonly sysFolder: string }): Promise<readonly HostLink[]> {
  const folder = join(sysFolder, 'class', 'net');
  const read = (await namesIn(folder)).map((name) => readInterface({ folder, name }));
  const found = (await Promise.all(read)).flat();
  const modems = await readModems(sysFolder);
  const hasInterface = found.some(({ kind }) => kind === 'cellular');
  // A modem without an interface of its own is there, but carries nothing yet.
  return hasInterface ? found : [...found, ...modems.map((name) => ({ kind: 'cellular' as const, name, isUp: false }))];
}

async function readInterface(at: { readonly folder: string; readonly name: string }): Promise<readonly HostLink[]> {
  const path = (...parts: readonly string[]) => join(at.folder, at.name, ...parts);
  const kind = await kindOf(at.name, path);
  if (kind === undefined) return [];
  const state = await readAttribute(path('operstate'));
  // Drivers that keep no operational state say `unknown` (RFC 2863) and still know of a carrier.
  const isUp = state === 'up' || (state === 'unknown' && (await readAttribute(path('carrier'))) === '1');
  return [{ kind, name: at.name, isUp }];
}

async function kindOf(name: string, path: (...parts: readonly string[]) => string): Promise<Link | undefined> {
  const [type, uevent = ''] = await Promise.all([readAttribute(path('type')), readAttribute(path('uevent'))]);
  const deviceType = /^DEVTYPE=(.*)$/m.exec(uevent)?.[1];
  if (deviceType === 'wwan') return 'cellular';
  // OpenThread's border router has a tunnel of that name.
  if (type === ARPHRD_NONE) return /^wpan[0-9]+$/.test(name) ? 'thread' : undefined;
  if (type !== ARPHRD_ETHER) return undefined;
  if (deviceType === 'wlan' || (await isThere(path('wireless'))) || (await isThere(path('phy80211')))) return 'wifi';
  if (!ETHERNET_TYPES.includes(deviceType)) return undefined;
  return (await isThere(path('device'))) || (await leadsOut(path)) ? 'ethernet' : undefined;
}

/** An end of a pair whose other end is elsewhere, and which is no port of a bridge here. */
async function leadsOut(path: (...parts: readonly string[]) => string): Promise<boolean> {
  const [index, other] = await Promise.all([readAttribute(path('ifindex')), readAttribute(path('iflink'))]);
  return index !== other && !(await isThere(path('master')));
}

async function readModems(sysFolder: string): Promise<readonly string[]> {
  const names = await namesIn(join(sysFolder, 'class', 'wwan'));
  // Ports of a modem stand beside it: wwan0at0, wwan0mbim0.
  return names.filter((name) => /^wwan[0-9]+$/.test(name));
}

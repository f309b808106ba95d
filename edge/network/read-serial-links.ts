import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Link } from '../../core/document/addresses.ts';
import type { HostLink } from './host-link.ts';
import { isThere, namesIn, readAttribute } from './sysfs.ts';

// serial_core.h: a port that the driver reserves, with nothing behind it.
const PORT_UNKNOWN = '0';

// Some 66 of them on any Linux; not to look behind each spares more than half of the time.
const CONSOLE = /^(?:tty[0-9]*|console|ptmx)$/;

// What makers call their sticks; a stick that says nothing of it is a serial port and no more.
const STICKS: readonly (readonly [RegExp, Link])[] = [
  [/zigbee|conbee|raspbee/i, 'zigbee'],
  [/thread|skyconnect|\bzbt-/i, 'thread'],
  [/lora/i, 'lora'],
];

/** How far above a port its USB device stands: port, interface, device. */
const USB_LEVELS = 5;

/** Serial ports with hardware behind them and a node to open, and the radios that name themselves over USB. */
export async function readSerialLinks(system: {
  readonly sysFolder: string;
  readonly devFolder: string;
}): Promise<readonly HostLink[]> {
  const folder = join(system.sysFolder, 'class', 'tty');
  const names = (await namesIn(folder)).filter((name) => !CONSOLE.test(name));
  const ports = await Promise.all(names.map((name) => readPort({ folder, name, devFolder: system.devFolder })));
  return ports.flat();
}

async function readPort(at: {
  readonly folder: string;
  readonly name: string;
  readonly devFolder: string;
}): Promise<readonly HostLink[]> {
  const device = join(at.folder, at.name, 'device');
  // Consoles and pseudo-terminals have no device.
  if (!(await isThere(device))) return [];
  if ((await readAttribute(join(at.folder, at.name, 'type'))) === PORT_UNKNOWN) return [];
  if (!(await isThere(join(at.devFolder, at.name)))) return [];
  const said = await productOf(device);
  const radios = STICKS.filter(([pattern]) => pattern.test(said)).map(([, kind]) => kind);
  return (['serial', ...radios] as const).map((kind) => ({ kind, name: at.name, isUp: true }));
}

/** What the USB device above a port calls itself; empty where there is none. */
async function productOf(device: string): Promise<string> {
  let folder = await realpath(device);
  for (let level = 0; level < USB_LEVELS; level += 1) {
    const product = await readAttribute(join(folder, 'product'));
    if (product !== undefined) return `${(await readAttribute(join(folder, 'manufacturer'))) ?? ''} ${product}`;
    folder = dirname(folder);
  }
  return '';
}

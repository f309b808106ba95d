import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HostLinks } from '../../../edge/network/host-link.ts';
import { readLinks } from '../../../edge/network/read-links.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { createSysfsTree, type SysfsTree } from './sysfs-tree.ts';

const interfaces = () => ({});

async function read({ sysFolder, devFolder }: SysfsTree): Promise<readonly string[]> {
  const { links } = await readLinks({ platform: 'linux', sysFolder, devFolder, interfaces });
  return links.map(({ kind, name, isUp }) => `${kind} ${name} ${isUp ? 'up' : 'down'}`);
}

const pci = 'pci0000:00/0000:00:1f.6';
const soc = 'platform/soc';
const usb = 'pci0000:00/0000:00:14.0/usb1/1-2';

function addInterface(
  tree: SysfsTree,
  { path, device, ...attributes }: { path: string; device?: string } & Record<string, string>,
): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const { uevent = '', ...rest } = attributes;
  tree.add(path, {
    class: 'net',
    attributes: { type: '1', ifindex: '2', iflink: '2', uevent: `${uevent}INTERFACE=${name}\nIFINDEX=2`, ...rest },
    links: device === undefined ? {} : { device },
  });
}

describe('readLinks on Linux', () => {
  test('tells a Raspberry Pi with cable, Wi-Fi, Bluetooth, a modem and a port', async () => {
    const tree = createSysfsTree();
    const up = { operstate: 'up', carrier: '1' };
    addInterface(tree, { path: 'virtual/net/lo', type: '772', operstate: 'unknown', carrier: '1' });
    addInterface(tree, { path: `${soc}/genet/net/eth0`, device: `${soc}/genet`, ...up });
    addInterface(tree, {
      path: `${soc}/mmc/net/wlan0`,
      device: `${soc}/mmc`,
      uevent: 'DEVTYPE=wlan\n',
      operstate: 'down',
    });
    addInterface(tree, {
      path: `${usb}/1-2:1.4/net/wwan0`,
      device: `${usb}/1-2:1.4`,
      uevent: 'DEVTYPE=wwan\n',
      type: '65534',
      operstate: 'unknown',
      carrier: '1',
    });
    tree.add(`${usb}/1-2:1.4/wwan/wwan0`, { class: 'wwan' });
    tree.add(`${usb}/1-2:1.4/wwan/wwan0/wwan0at0`, { class: 'wwan', attributes: { type: 'AT' } });
    tree.add(`${soc}/serial0-0/bluetooth/hci0`, { class: 'bluetooth', attributes: { 'rfkill0/state': '1' } });
    tree.add(`${soc}/serial0-0/bluetooth/hci0/hci0:64`, { class: 'bluetooth' });
    tree.add(`${soc}/uart/tty/ttyAMA0`, { class: 'tty', attributes: { type: '32' }, links: { device: `${soc}/uart` } });
    for (const node of ['ttyAMA0', 'tty0', 'ttyS0']) tree.node(node);
    tree.add('virtual/tty/tty0', { class: 'tty' });
    tree.add('platform/serial8250/tty/ttyS0', {
      class: 'tty',
      attributes: { type: '0' },
      links: { device: 'platform/serial8250' },
    });
    expect(await read(tree)).toEqual([
      'ethernet eth0 up',
      'wifi wlan0 down',
      'cellular wwan0 up',
      'ble hci0 up',
      'serial ttyAMA0 up',
    ]);
  });

  test.each<readonly [string, Record<string, string>, Record<string, string>, readonly string[]]>([
    ['a cable that is unplugged', { device: pci, operstate: 'down' }, {}, ['ethernet x0 down']],
    ['an interface that is not up', { device: pci, operstate: 'lowerlayerdown' }, {}, ['ethernet x0 down']],
    [
      'a driver without states, unplugged',
      { device: pci, operstate: 'unknown', carrier: '0' },
      {},
      ['ethernet x0 down'],
    ],
    ['Wi-Fi of an old driver', { device: pci, operstate: 'up' }, { wireless: 'w' }, ['wifi x0 up']],
    ['Wi-Fi of a driver that names no type', { device: pci, operstate: 'up' }, { phy80211: 'w' }, ['wifi x0 up']],
    [
      'an Ethernet gadget over USB',
      { device: pci, operstate: 'up', uevent: 'DEVTYPE=gadget\n' },
      {},
      ['ethernet x0 up'],
    ],
    ["a container's end of a pair", { operstate: 'up', iflink: '7' }, {}, ['ethernet x0 up']],
    ["a host's end of a pair, in a bridge", { operstate: 'up', iflink: '7' }, { master: 'virtual/net/br0' }, []],
    ['a bridge', { operstate: 'up', uevent: 'DEVTYPE=bridge\n' }, {}, []],
    ['a VLAN, whose parent counts', { operstate: 'up', uevent: 'DEVTYPE=vlan\n', iflink: '3' }, {}, []],
    ['a dummy', { operstate: 'unknown', carrier: '1' }, {}, []],
    ['a tunnel', { operstate: 'unknown', carrier: '1', type: '65534' }, {}, []],
    ['a CAN bus', { device: pci, operstate: 'up', type: '280' }, {}, []],
  ])('tells %s', async (_, attributes, links, expected) => {
    const tree = createSysfsTree();
    addInterface(tree, { path: 'virtual/net/x0', ...attributes });
    for (const [at, to] of Object.entries(links)) tree.write(`virtual/net/x0/${at}`, { [to.replaceAll('/', '-')]: '' });
    expect(await read(tree)).toEqual(expected);
  });

  test("tells OpenThread's tunnel", async () => {
    const tree = createSysfsTree();
    addInterface(tree, { path: 'virtual/net/wpan0', type: '65534', operstate: 'unknown', carrier: '1' });
    expect(await read(tree)).toEqual(['thread wpan0 up']);
  });

  test('tells Bluetooth that a switch blocks', async () => {
    const tree = createSysfsTree();
    tree.add(`${usb}/1-2:1.0/bluetooth/hci0`, { class: 'bluetooth', attributes: { 'rfkill3/state': '0' } });
    tree.add(`${usb}/1-2:1.0/bluetooth/hci1`, { class: 'bluetooth', attributes: { 'rfkill4/state': '2' } });
    tree.add(`${usb}/1-2:1.0/bluetooth/hci2`, { class: 'bluetooth' });
    expect(await read(tree)).toEqual(['ble hci0 down', 'ble hci1 down', 'ble hci2 up']);
  });

  test('tells a modem without an interface, and an IEEE 802.15.4 radio', async () => {
    const tree = createSysfsTree();
    tree.add(`${pci}/wwan/wwan0`, { class: 'wwan' });
    tree.add(`${soc}/spi0/ieee802154/phy0`, { class: 'ieee802154' });
    expect(await read(tree)).toEqual(['cellular wwan0 down', 'zigbee phy0 up', 'thread phy0 up']);
  });

  test('tells sticks by what they call themselves, and ports only where there is a node to open', async () => {
    const tree = createSysfsTree();
    const sticks: readonly (readonly [string, string, string])[] = [
      ['ttyUSB0', 'ITead', 'Sonoff Zigbee 3.0 USB Dongle Plus'],
      ['ttyUSB1', 'RAKwireless', 'RAK7271 LoRa concentrator'],
      ['ttyUSB2', 'FTDI', 'FT232R USB UART'],
      ['ttyUSB3', 'FTDI', 'without a node'],
    ];
    for (const [index, [name, manufacturer, product]] of sticks.entries()) {
      const device = `${usb}.${index}`;
      tree.write(device, { manufacturer, product });
      tree.add(`${device}/1-2:1.0/${name}/tty/${name}`, {
        class: 'tty',
        links: { device: `${device}/1-2:1.0/${name}` },
      });
      if (index < 3) tree.node(name);
    }
    expect(await read(tree)).toEqual([
      'serial ttyUSB0 up',
      'zigbee ttyUSB0 up',
      'serial ttyUSB1 up',
      'lora ttyUSB1 up',
      'serial ttyUSB2 up',
    ]);
  });

  test('tells nothing where there is nothing, and that LoRa may hide from it', async () => {
    const { sysFolder, devFolder } = createSysfsTree();
    const none = await readLinks({ platform: 'linux', sysFolder, devFolder, interfaces });
    expect(none).toEqual({ links: [], untold: ['lora'] });
  });

  test('of this machine is read without an error', async () => {
    const { links } = await readLinks();
    for (const { name } of links) expect(name).toMatch(/^[^\s/]{1,64}$/);
  });
});

// A namespace of its own, so that no interface of the machine is touched.
const inNamespace = (script: string) => ['--net', '--mount', 'sh', '-euc', script];
const trial = spawnSync('unshare', inNamespace('ip link add dw0 type veth peer name dw1'), { encoding: 'utf8' });
const lack =
  trial.status === 0
    ? ''
    : ` (network namespaces are not permitted here: ${(trial.error?.message ?? trial.stderr).trim()})`;

describe.skipIf(lack !== '')(`real interfaces${lack}`, () => {
  test('made by iproute2 are told, up and down', () => {
    const folder = temporaryFolder();
    const sysFolder = join(folder, 'sys');
    mkdirSync(sysFolder);
    const module = fileURLToPath(new URL('../../../edge/network/read-links.ts', import.meta.url));
    const code = `import { readLinks } from ${JSON.stringify(module)};
      const system = { platform: 'linux', sysFolder: ${JSON.stringify(sysFolder)}, devFolder: '/nowhere', interfaces: () => ({}) };
      console.log(JSON.stringify(await readLinks(system)));`;
    const readNow = `"$NODE" --input-type=module -e "$CODE"`;
    const script = `mount -t sysfs sysfs ${sysFolder}
      ip link add dw0 type veth peer name dw1
      ${readNow}
      ip link set dw0 up
      ip link set dw1 up
      ${readNow}
      ip link set dw1 down
      ${readNow}
      umount ${sysFolder}`;
    const env = { ...process.env, NODE: process.execPath, CODE: code };
    const lines = execFileSync('unshare', inNamespace(script), { encoding: 'utf8', env }).trim().split('\n');
    const seen = lines.map((line) =>
      (JSON.parse(line) as HostLinks).links.map(({ kind, name, isUp }) => [kind, name, isUp]),
    );
    const both = (isUp: boolean) => ['dw0', 'dw1'].map((name) => ['ethernet', name, isUp]);
    expect(seen).toEqual([both(false), both(true), both(false)]);
  });
});

describe('readLinks on other systems', () => {
  const told = (platform: string, names: readonly string[]) =>
    readLinks({
      platform,
      sysFolder: '/nowhere',
      devFolder: '/nowhere',
      interfaces: () => ({
        ...Object.fromEntries(names.map((name): [string, { internal: boolean }[]] => [name, [{ internal: false }]])),
        lo0: [{ internal: true }],
      }),
    });

  test('goes by names that say what they are', async () => {
    const { links, untold } = await told('win32', ['Wi-Fi', 'Ethernet 2', 'vEthernet (Default Switch)']);
    expect(links).toEqual([
      { kind: 'wifi', name: 'Wi-Fi', isUp: true },
      { kind: 'ethernet', name: 'Ethernet 2', isUp: true },
    ]);
    expect(untold).toEqual(['ble', 'zigbee', 'thread', 'lora', 'cellular', 'serial']);
  });

  test('says that it does not know, where names say nothing', async () => {
    const { links, untold } = await told('darwin', ['en0']);
    expect(links).toEqual([]);
    expect(untold).toContain('wifi');
  });
});

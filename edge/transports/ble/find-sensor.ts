import type { Adapter, Bluetooth } from 'node-ble';
import { DewproofError } from '../../../core/errors.ts';
import { sleep } from '../../../platform/sleep.ts';
import type { BleDevice } from './node-ble.ts';
import type { BleTiming } from './timing.ts';
import { within } from './within.ts';

const LOOK_EVERY_MS = 500;

/** Whom to find, and how long at most; `search` is shared by all who use one connection. */
export interface Finding {
  readonly bluetooth: Bluetooth;
  readonly address: string;
  readonly search: { seekers: number };
  readonly timing: BleTiming;
  readonly signal: AbortSignal;
}

/** Finds a sensor by its address. Adapters search only while BlueZ does not know it. @throws LINK_MISSING, SENSOR_UNAVAILABLE */
export async function findSensor(finding: Finding): Promise<BleDevice> {
  const { address, timing, signal } = finding;
  const adapter = await findAdapter(finding);
  if (!(await isKnown(adapter, finding))) await search(adapter, finding);
  const device = adapter.getDevice(address.toUpperCase());
  const patience = { timeoutMs: timing.answerMs, signal, what: `BlueZ's ${address}` };
  return (await within(device, patience)) as unknown as BleDevice;
}

async function findAdapter({ bluetooth, timing, signal }: Finding): Promise<Adapter> {
  const patience = { timeoutMs: timing.answerMs, signal, what: 'BlueZ' };
  const names = await within(bluetooth.adapters(), patience);
  for (const name of names) {
    const adapter = await within(bluetooth.getAdapter(name), patience);
    if (await within(adapter.isPowered(), patience)) return adapter;
  }
  const why =
    names.length === 0
      ? 'BlueZ has no Bluetooth adapter; plug one in'
      : 'The Bluetooth adapter is off; bluetoothctl power on';
  throw new DewproofError('LINK_MISSING', `${why}.`);
}

async function isKnown(adapter: Adapter, { address, timing, signal }: Finding): Promise<boolean> {
  const devices = await within(adapter.devices(), { timeoutMs: timing.answerMs, signal, what: 'The adapter' });
  return devices.includes(address.toUpperCase());
}

async function search(adapter: Adapter, finding: Finding): Promise<void> {
  const { address, search: shared, timing, signal } = finding;
  const untilMs = performance.now() + timing.searchMs;
  shared.seekers += 1;
  try {
    do {
      await keepSearching(adapter, finding);
      await sleep(Math.min(LOOK_EVERY_MS, timing.searchMs), signal);
      if (await isKnown(adapter, finding)) return;
    } while (performance.now() < untilMs);
  } finally {
    shared.seekers -= 1;
    if (shared.seekers === 0) await stopSearching(adapter, finding);
  }
  throw new DewproofError(
    'SENSOR_UNAVAILABLE',
    `The sensor ${address} is not in reach; switch it on or bring it nearer.`,
  );
}

/** Starts a search where none is under way: another program's ends without notice, and this one's serves all inputs. */
async function keepSearching(adapter: Adapter, { timing, signal }: Finding): Promise<void> {
  const patience = { timeoutMs: timing.answerMs, signal, what: 'The search for sensors' };
  if (await within(adapter.isDiscovering(), patience)) return;
  try {
    await within(adapter.startDiscovery(), patience);
  } catch (error) {
    // Another input may have started it meanwhile.
    if (!(await within(adapter.isDiscovering(), patience))) throw error;
  }
}

async function stopSearching(adapter: Adapter, { timing }: Finding): Promise<void> {
  const patience = { timeoutMs: timing.closeMs, signal: new AbortController().signal, what: 'The end of a search' };
  // BlueZ ends it with the connection at the latest, and refuses to end what it ended already.
  await within(adapter.stopDiscovery(), patience).catch(() => undefined);
}

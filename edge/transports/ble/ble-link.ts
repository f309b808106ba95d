import type { GattServer } from 'node-ble';
import { DewproofError } from '../../../core/errors.ts';
import { sleep } from '../../../platform/sleep.ts';
import type { BleBus, BleSession } from './ble-bus.ts';
import { findSensor } from './find-sensor.ts';
import type { BleCharacteristic, BleDevice } from './node-ble.ts';
import type { BleTiming } from './timing.ts';
import { within } from './within.ts';

const LOOK_EVERY_MS = 100;

/** A connection to one sensor. */
export interface BleLink {
  /** Aborts with SENSOR_UNAVAILABLE or LINK_MISSING once the sensor is out of reach. */
  readonly lost: AbortSignal;
  /** @throws NOT_FOUND (the sensor has no such value) */
  characteristic(of: { readonly service: string; readonly characteristic: string }): Promise<BleCharacteristic>;
  /** Ends the connection; it waits for no one for long, and never rejects. */
  close(): Promise<void>;
}

/** What links stand on. */
export interface BleLinkDeps {
  readonly bus: BleBus;
  readonly timing: BleTiming;
}

/** Connects to a sensor and learns what values it has. @throws UNSUPPORTED, LINK_MISSING, SENSOR_UNAVAILABLE, the signal's reason */
export async function openBleLink(
  { address, signal }: { readonly address: string; readonly signal: AbortSignal },
  { bus, timing }: BleLinkDeps,
): Promise<BleLink> {
  const session = await bus.acquire();
  try {
    const opening = AbortSignal.any([signal, session.lost]);
    const { bluetooth, search } = session;
    const device = await findSensor({ bluetooth, search, address, timing, signal: opening });
    return await connect({ device, address, session, signal: opening }, timing);
  } catch (error) {
    session.release();
    throw error;
  }
}

interface Connecting {
  readonly device: BleDevice;
  readonly address: string;
  readonly session: BleSession;
  readonly signal: AbortSignal;
}

async function connect(connecting: Connecting, timing: BleTiming): Promise<BleLink> {
  const { device, address, session, signal } = connecting;
  const lost = new AbortController();
  const lose = (reason: unknown) => {
    lost.abort(reason);
  };
  const gone = () => new DewproofError('SENSOR_UNAVAILABLE', `The sensor ${address} has gone out of reach.`);
  device.on('disconnect', () => {
    lose(gone());
  });
  try {
    await connectDevice(connecting, timing);
    const listing = { timeoutMs: timing.connectMs, signal, what: `The list of values of ${address}` };
    const server = await within(device.gatt(), listing);
    if (!(await within(device.isConnected(), listing))) throw gone();
    session.lost.addEventListener('abort', () => {
      lose(session.lost.reason);
    });
    void watch({ device, address, gone, lose, lost: lost.signal }, timing);
    return createLink({ ...connecting, server, lost }, timing);
  } catch (error) {
    await disconnect(device, { session, timing });
    throw error;
  }
}

async function connectDevice({ device, address, signal }: Connecting, timing: BleTiming): Promise<void> {
  const patience = {
    timeoutMs: timing.connectMs,
    signal,
    what: `The sensor ${address}`,
    code: 'SENSOR_UNAVAILABLE',
  } as const;
  const answer = { ...patience, timeoutMs: timing.answerMs };
  try {
    await within(device.connect(), patience);
  } catch (error) {
    signal.throwIfAborted();
    // It may be connected already, by another program; which Bluetooth shares.
    if (!(await within(device.isConnected(), answer))) throw error;
  }
  const untilMs = performance.now() + timing.connectMs;
  // node-ble waits for this without end and never stops listening for it.
  while (!(await within(device.helper.prop('ServicesResolved'), answer))) {
    if (performance.now() > untilMs) {
      throw new DewproofError('SENSOR_UNAVAILABLE', `The sensor ${address} does not say what values it has.`);
    }
    await sleep(LOOK_EVERY_MS, signal);
  }
}

interface Watched {
  readonly device: BleDevice;
  readonly address: string;
  readonly gone: () => DewproofError;
  readonly lose: (reason: unknown) => void;
  readonly lost: AbortSignal;
}

/** Asks now and then: a BlueZ that was killed says no goodbye. It never rejects. */
async function watch({ device, address, gone, lose, lost }: Watched, timing: BleTiming): Promise<void> {
  const patience = { timeoutMs: timing.answerMs, signal: lost, what: `BlueZ's ${address}` };
  for (;;) {
    await sleep(timing.checkEveryMs, lost);
    if (lost.aborted) return;
    try {
      if (!(await within(device.isConnected(), patience))) lose(gone());
    } catch (error) {
      lose(error);
    }
  }
}

interface Connected extends Connecting {
  readonly server: GattServer;
  readonly lost: AbortController;
}

function createLink({ device, address, session, server, lost }: Connected, timing: BleTiming): BleLink {
  let closed: Promise<void> | undefined;

  async function close(): Promise<void> {
    lost.abort(new DewproofError('SENSOR_UNAVAILABLE', `The connection to ${address} was ended.`));
    for (const characteristic of await allOf(server)) characteristic.helper.removeListeners();
    await disconnect(device, { session, timing });
    session.release();
  }

  return {
    lost: lost.signal,
    characteristic: async ({ service, characteristic }) => {
      try {
        const found = await server.getPrimaryService(service.toLowerCase());
        return (await found.getCharacteristic(characteristic.toLowerCase())) as BleCharacteristic;
      } catch (cause) {
        const what = `The sensor ${address} has no ${characteristic} in ${service}`;
        throw new DewproofError('NOT_FOUND', `${what}; correct the document or the address.`, { cause });
      }
    },
    // Later: closing loses the link, and whoever hears of that closes it too.
    close: () => (closed ??= Promise.resolve().then(close)),
  };
}

async function allOf(server: GattServer): Promise<readonly BleCharacteristic[]> {
  const services = await Promise.all((await server.services()).map((uuid) => server.getPrimaryService(uuid)));
  const found = services.map(async (service) => {
    const uuids = await service.characteristics();
    return Promise.all(uuids.map((uuid) => service.getCharacteristic(uuid)));
  });
  return (await Promise.all(found)).flat() as BleCharacteristic[];
}

async function disconnect(
  device: BleDevice,
  { session, timing }: { session: BleSession; timing: BleTiming },
): Promise<void> {
  device.removeAllListeners();
  const patience = { timeoutMs: timing.closeMs, signal: session.lost, what: 'The end of a connection' };
  // It may be out of reach already, which is why it is closed.
  if (!session.lost.aborted) await within(device.disconnect(), patience).catch(() => undefined);
  device.helper.removeListeners();
}

import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { hasCode, type ErrorCode } from '../../../core/errors.ts';
import type { ConnectBle } from '../../../edge/transports/ble/node-ble.ts';
import { loadNodeBle } from '../../../edge/transports/ble/node-ble.ts';
import { bleTiming, type BleTiming } from '../../../edge/transports/ble/timing.ts';
import { createBleSources, type BleSources } from '../../../edge/transports/ble-source.ts';
import { eventually } from '../../platform/eventually.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { bleMockLack, startBleMock, type BleMock } from '../support/ble-mock.ts';

const address = '00:1a:7d:da:71:13';
const heart = {
  service: '0000180d-0000-1000-8000-00805f9b34fb',
  characteristic: '00002a37-0000-1000-8000-00805f9b34fb',
};
const battery = {
  service: '0000180f-0000-1000-8000-00805f9b34fb',
  characteristic: '00002a19-0000-1000-8000-00805f9b34fb',
};
const services = {
  [heart.service]: { [heart.characteristic]: ['notify'] },
  [battery.service]: { [battery.characteristic]: ['read'] },
};

const impatient: BleTiming = { ...bleTiming, searchMs: 2000, checkEveryMs: 100, retryFirstMs: 50, retryMostMs: 200 };

function createSources(options: { timing?: Partial<BleTiming>; load?: () => Promise<ConnectBle> } = {}): BleSources {
  const { timing, ...rest } = options;
  const sources = createBleSources({ random: () => 0.5, timing: { ...impatient, ...timing }, ...rest });
  onTestFinished(() => sources.close());
  return sources;
}

function hear(sources: BleSources, spec: Partial<Parameters<BleSources['open']>[0]> = {}) {
  const heard: string[] = [];
  const source = sources.open({ address, ...heart, every: undefined, ...spec }, (message) => {
    heard.push(Buffer.from(message).toString('hex'));
  });
  const code = (): ErrorCode | undefined => {
    try {
      source.verify();
      return undefined;
    } catch (error) {
      if (hasCode(error)) return error.code;
      throw error;
    }
  };
  const why = (): string => {
    try {
      source.verify();
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  return { ...source, heard, code, why };
}

async function startMock(device: object = {}, socket?: string): Promise<BleMock> {
  const mock = await startBleMock(socket);
  vi.stubEnv('DBUS_SYSTEM_BUS_ADDRESS', mock.address);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  await mock.obey({ do: 'adapter', powered: true });
  await mock.obey({ do: 'device', address, services, ...device });
  return mock;
}

const beat = (mock: BleMock, hex: string) =>
  mock.obey({ do: 'value', address, characteristic: heart.characteristic, hex });
const charge = (mock: BleMock, hex: string) =>
  mock.obey({ do: 'value', address, characteristic: battery.characteristic, hex });
const count = (mock: BleMock, what: string) => mock.did.filter((one) => one === what).length;

describe.skipIf(bleMockLack !== undefined)(
  `Bluetooth inputs${bleMockLack === undefined ? '' : ` (${bleMockLack})`}`,
  () => {
    test('are notified, and read at an interval, over one connection', async () => {
      const mock = await startMock();
      await charge(mock, '5d');
      const sources = createSources();
      const rate = hear(sources);
      const level = hear(sources, { ...battery, every: '1s' });
      expect(rate.code()).toBe('SENSOR_UNAVAILABLE');
      await eventually(rate.code).toBeUndefined();
      await beat(mock, '0648');
      await beat(mock, '072c01');
      await eventually(() => rate.heard).toEqual(['0648', '072c01']);
      await eventually(() => level.heard).toContain('5d');
      await charge(mock, '5c');
      await eventually(() => level.heard.at(-1)).toBe('5c');
      expect(level.code()).toBeUndefined();
      await eventually(() => count(mock, 'connect')).toBe(1);
      expect(count(mock, 'start-discovery')).toBe(0);
    });

    test('stop notifications and disconnect when they are closed', async () => {
      const mock = await startMock();
      const sources = createSources();
      const rate = hear(sources);
      await eventually(rate.code).toBeUndefined();
      rate.close();
      await sources.close();
      await eventually(() => mock.did.slice(-3)).toEqual(['start-notify', 'stop-notify', 'disconnect']);
      await beat(mock, '0648');
      expect(rate.heard).toEqual([]);
    });

    test('of one value share its notifications: an update interrupts nothing', async () => {
      const mock = await startMock();
      const sources = createSources();
      const before = hear(sources);
      await eventually(before.code).toBeUndefined();
      const after = hear(sources);
      expect(after.code()).toBeUndefined();
      await beat(mock, '0648');
      await eventually(() => [before.heard, after.heard]).toEqual([['0648'], ['0648']]);
      before.close();
      before.close();
      await beat(mock, '0649');
      await eventually(() => after.heard).toEqual(['0648', '0649']);
      expect(before.heard).toEqual(['0648']);
      await eventually(() => count(mock, 'start-notify')).toBe(1);
      expect(count(mock, 'stop-notify')).toBe(0);
    });

    test('opened again right after they were closed are notified again', async () => {
      const mock = await startMock();
      const sources = createSources();
      const first = hear(sources);
      await eventually(first.code).toBeUndefined();
      first.close();
      const second = hear(sources);
      await eventually(second.code).toBeUndefined();
      await beat(mock, '0648');
      await eventually(() => second.heard).toEqual(['0648']);
      await eventually(() => mock.did).toEqual(['ready', 'connect', 'start-notify', 'stop-notify', 'start-notify']);
    });

    test('are searched for only while nobody knows them', async () => {
      const mock = await startMock({ hidden: true });
      const sources = createSources();
      const rate = hear(sources);
      const level = hear(sources, { ...battery, every: '1s' });
      await eventually(rate.code).toBeUndefined();
      await eventually(level.code).toBeUndefined();
      await eventually(() => mock.did.slice(1, 4)).toEqual(['start-discovery', 'stop-discovery', 'connect']);
      await mock.obey({ do: 'drop', address });
      await eventually(() => count(mock, 'connect')).toBe(2);
      expect(count(mock, 'start-discovery')).toBe(1);
    });

    test('come back after the sensor was out of reach', async () => {
      const mock = await startMock();
      const rate = hear(createSources());
      await eventually(rate.code).toBeUndefined();
      await mock.obey({ do: 'refuse', address, refused: true });
      await mock.obey({ do: 'drop', address });
      await eventually(rate.code).toBe('SENSOR_UNAVAILABLE');
      await eventually(() => count(mock, 'connect')).toBeGreaterThan(2);
      await mock.obey({ do: 'refuse', address, refused: false });
      await eventually(rate.code).toBeUndefined();
      await beat(mock, '0648');
      await eventually(() => rate.heard).toEqual(['0648']);
    });

    test('come back after D-Bus and BlueZ were started again', async () => {
      const socket = join(temporaryFolder(), 'bus');
      const mock = await startMock({}, socket);
      const rate = hear(createSources());
      await eventually(rate.code).toBeUndefined();
      await mock.stop();
      await eventually(rate.code).toBe('LINK_MISSING');
      const again = await startMock({}, socket);
      await eventually(rate.code).toBeUndefined();
      await beat(again, '0648');
      await eventually(() => rate.heard).toEqual(['0648']);
    });

    test('notice a BlueZ that hangs, and close all the same', async () => {
      const mock = await startMock();
      const sources = createSources({ timing: { answerMs: 300, closeMs: 100 } });
      const rate = hear(sources);
      await eventually(rate.code).toBeUndefined();
      mock.hang(true);
      await eventually(rate.code).toBe('LINK_MISSING');
      await sources.close();
    });

    test('say that there is no adapter, or that it is off, until there is one', async () => {
      const mock = await startBleMock();
      vi.stubEnv('DBUS_SYSTEM_BUS_ADDRESS', mock.address);
      const rate = hear(createSources());
      await eventually(rate.why).toContain('BlueZ has no Bluetooth adapter');
      expect(rate.code()).toBe('LINK_MISSING');
      await mock.obey({ do: 'adapter', powered: false });
      await eventually(rate.why).toContain('adapter is off');
      await mock.obey({ do: 'device', address, services });
      await mock.obey({ do: 'power', powered: true });
      await eventually(rate.code).toBeUndefined();
    });

    test('say that the sensor is not in reach, and stop to search', async () => {
      const mock = await startBleMock();
      vi.stubEnv('DBUS_SYSTEM_BUS_ADDRESS', mock.address);
      await mock.obey({ do: 'adapter', powered: true });
      const rate = hear(createSources({ timing: { searchMs: 300, retryFirstMs: 10_000, retryMostMs: 10_000 } }));
      await eventually(rate.why).toContain(`${address} is not in reach`);
      expect(rate.code()).toBe('SENSOR_UNAVAILABLE');
      await eventually(() => mock.did).toEqual(['ready', 'start-discovery', 'stop-discovery']);
    });

    test('refuse what the sensor does not offer, each by its code, and take UUIDs in capitals', async () => {
      await startMock();
      const sources = createSources();
      const capitals = { service: heart.service.toUpperCase(), characteristic: heart.characteristic.toUpperCase() };
      const cases: readonly (readonly [object, ErrorCode | undefined, string])[] = [
        [{ service: battery.characteristic }, 'NOT_FOUND', 'has no'],
        [{ characteristic: battery.characteristic }, 'NOT_FOUND', 'has no'],
        [{ every: '1s' }, 'UNSUPPORTED', 'can not be read'],
        [battery, 'UNSUPPORTED', 'does not notify'],
        [capitals, undefined, ''],
      ];
      const opened = cases.map(([spec, code, why]) => ({ ...hear(sources, spec), wanted: { code, why } }));
      for (const { code, why, wanted } of opened) {
        await eventually(code).toBe(wanted.code);
        expect(why()).toContain(wanted.why);
      }
    });
  },
);

describe('without', () => {
  test('D-Bus, Bluetooth inputs lack their link and go on trying', async () => {
    vi.stubEnv('DBUS_SYSTEM_BUS_ADDRESS', `unix:path=${join(temporaryFolder(), 'nothing')}`);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    let loads = 0;
    const load = () => {
      loads += 1;
      return loadNodeBle();
    };
    const rate = hear(createSources({ load }));
    await eventually(rate.why).toContain('D-Bus fails');
    expect(rate.code()).toBe('LINK_MISSING');
    await eventually(() => loads).toBeGreaterThan(2);
  });

  test('a usable address of D-Bus, too', async () => {
    vi.stubEnv('DBUS_SYSTEM_BUS_ADDRESS', 'pigeon:loft=1');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const rate = hear(createSources());
    await eventually(rate.why).toContain('D-Bus fails');
  });

  test('node-ble, they say what to install', async () => {
    vi.doMock('node-ble', () => {
      throw new Error("Cannot find package 'node-ble'");
    });
    onTestFinished(() => {
      vi.doUnmock('node-ble');
    });
    const rate = hear(createSources());
    await eventually(rate.code).toBe('UNSUPPORTED');
    expect(rate.why()).toContain('npm install node-ble');
  });
});

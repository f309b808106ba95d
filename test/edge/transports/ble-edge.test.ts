import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ANYONE } from '../../../core/ids.ts';
import { NEVER } from '../../../core/policy.ts';
import { bleMockLack, startBleMock } from '../support/ble-mock.ts';
import { ask } from '../support/calls.ts';
import { createSite, resourceOf } from '../support/site.ts';
import { startTestDew } from '../support/test-dew.ts';
import { eventually, startTestEdge } from '../support/test-edge.ts';

const service = '0000180d-0000-1000-8000-00805f9b34fb';
const characteristic = '00002a37-0000-1000-8000-00805f9b34fb';
const address = '00:1a:7d:da:71:13';

const wearable = {
  network: ['ble'],
  inputs: [
    {
      id: 'rate',
      ble: { address: '{binding}', service, characteristic },
      payload: {
        format: 'binary',
        binary: { kind: 'uint8', offset: 1, when: { byte: 0, bit: 0, kind: 'uint16' } },
        minimum: 1,
        maximum: 300,
      },
    },
  ],
  views: [{ id: 'now', input: 'rate', latest: true }],
  health: { interval: '100ms', startPeriod: '30s', retries: 2 },
};

const lack = bleMockLack === undefined ? '' : ` (${bleMockLack})`;

describe.skipIf(lack !== '')(`an edge with a wearable${lack}`, () => {
  test('shows the heart rate that a Bluetooth sensor notifies, bound by its profile', async () => {
    const mock = await startBleMock();
    vi.stubEnv('DBUS_SYSTEM_BUS_ADDRESS', mock.address);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await mock.obey({ do: 'adapter', powered: true });
    const site = await createSite();
    const dew = await startTestDew(site);
    await site.bind({ rate: address }, ['ble']);
    await site.publish('wearable', wearable);
    const grant = { resource: resourceOf('wearable'), subject: ANYONE, actions: ['read'], offline: false } as const;
    await site.do({ type: 'set-grant', ...grant, expiresAt: NEVER });
    dew.assign('wearable');
    const readLinks = () =>
      Promise.resolve({ links: [{ kind: 'ble', name: 'hci0', isUp: true } as const], untold: [] });
    const edge = await startTestEdge(site, { dewUrls: [dew.url], readLinks });
    const resource = () => edge.status().resources[0];

    // The new version waits for its sensor before it is committed.
    await eventually(() => {
      expect(resource()?.health).toMatchObject({ status: 'starting', cause: { code: 'SENSOR_UNAVAILABLE' } });
    });
    const services = { [service]: { [characteristic]: ['notify'] } };
    await mock.obey({ do: 'device', address, hidden: true, services });
    await eventually(() => {
      expect(resource()).toMatchObject({ state: 'RUNNING', health: { status: 'healthy' } });
    });

    const beat = (hex: string) => mock.obey({ do: 'value', address, characteristic, hex });
    await beat('0648');
    await beat('06');
    await beat('07ffff');
    await eventually(async () => {
      const answer = await ask(`${edge.url}/v1/resources/greenfields/wearable/views/now`);
      expect(answer.body).toMatchObject({ reading: { value: 72 } });
      expect(resource()).toMatchObject({ readings: 1, dropped: { SCHEMA: 2 } });
    });

    await mock.obey({ do: 'refuse', address, refused: true });
    await mock.obey({ do: 'drop', address });
    await eventually(() => {
      expect(resource()?.health).toMatchObject({ status: 'unhealthy', cause: { code: 'SENSOR_UNAVAILABLE' } });
    });
    expect(resource()?.state).toBe('RUNNING');
    await mock.obey({ do: 'refuse', address, refused: false });
    await eventually(() => {
      expect(resource()?.health?.status).toBe('healthy');
    });
    await edge.close();
    await eventually(() => {
      expect(mock.did.slice(-2)).toEqual(['stop-notify', 'disconnect']);
    });
  });
});

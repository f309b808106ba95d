import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import { verifySupported } from '../../../core/document/unsupported.ts';
import { DewproofError } from '../../../core/errors.ts';
import { resource, utf8 } from '../support/samples.ts';

const artifact = { digest: digestOf(utf8('script')), size: 10 };
const ble = {
  address: '00:1a:7d:da:71:13',
  service: '0000181a-0000-1000-8000-00805f9b34fb',
  characteristic: '00002a6e-0000-1000-8000-00805f9b34fb',
};
const mqtt = { topic: 'a' };
const windowOf = (aggregate: string) => ({
  views: [{ id: 'h', input: 'temperature', window: '1h', aggregate: ['min', aggregate] }],
});
const inputOf = (rest: object) => ({ inputs: [{ id: 'temperature', ...rest }] });

function pathOf(spec: object, runtimes: readonly string[] = ['views']): unknown {
  try {
    verifySupported(resource(spec), { runtimes });
    return undefined;
  } catch (error) {
    if (error instanceof DewproofError && error.code === 'UNSUPPORTED') return error.details['path'];
    throw error;
  }
}

describe('verifySupported', () => {
  test.each<readonly [string, object]>([
    ['spec.runtime.kind', { runtime: { kind: 'script', artifact } }],
    ['spec.runtime.kind', { runtime: { kind: 'process', artifact } }],
    ['spec.store.offload', { store: { offload: { to: 'fog', every: '30s' } } }],
    ['spec.inputs[0].coap.uri', inputOf({ coap: { uri: 'coaps://a/b' } })],
    ['spec.actions[0].coap.uri', { actions: [{ id: 'vent', coap: { uri: 'coaps://a/b' } }] }],
    ['spec.replicas.wakeAt', { replicas: { wakeAt: { inFlight: 64 } } }],
    ['spec.requires[0].condition', { requires: [{ resource: 'weather', condition: 'healthy' }] }],
    ['spec.placement.spread', { placement: { spread: true } }],
    ['spec.exclusive', { exclusive: true }],
    ['spec.outbound[1]', { outbound: ['https://weather.example/', 'coap://weather.example/'] }],
  ])('refuses %s as set in %j', (path, spec) => {
    expect(pathOf(spec)).toBe(path);
  });

  test.each<readonly [string, object]>([
    ['retention and a limit of entries', { store: { retention: '1h', maxEntries: 5 } }],
    ['links', { network: ['wifi', 'ble'] }],
    ['Bluetooth', inputOf({ ble })],
    ['CBOR', inputOf({ mqtt, payload: { format: 'cbor', pointer: '/t' } })],
    ['JSON with a pointer', inputOf({ mqtt, payload: { format: 'json', pointer: '/t' } })],
    [
      'actions over MQTT, HTTP and CoAP, and virtual ones',
      {
        actions: [
          { id: 'vent', mqtt },
          { id: 'pump', http: { uri: 'http://a/b' } },
          { id: 'door', coap: { uri: 'coap://a/b' } },
          { id: 'lamp', virtual: true },
        ],
      },
    ],
    ['a sensor that is asked over HTTP', inputOf({ http: { uri: 'https://a/b', every: '1s' } })],
    ['a sensor that is observed over CoAP', inputOf({ coap: { uri: '{binding}', observe: true } })],
    ['values that callers push', { inputs: [{ id: 'temperature', push: true }] }],
    ['all aggregates', windowOf('p95')],
    ['requirements that run', { requires: [{ resource: 'weather', condition: 'running' }] }],
    ['replicas', { replicas: { max: 2 } }],
    ['secrets by name', { secrets: ['api-key'] }],
    ['labels', { placement: { labels: { site: 'north' } } }],
    ['restart and health', { restart: { policy: 'always' }, health: { interval: '5s' } }],
  ])('takes %s', (_, spec) => {
    expect(pathOf(spec)).toBeUndefined();
  });

  test('takes the runtimes that the host has, and no other', () => {
    expect(pathOf({ runtime: { kind: 'script', artifact } }, ['script'])).toBeUndefined();
    expect(pathOf({}, ['script'])).toBe('spec.runtime.kind');
  });
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { openCoapOutlet, type CoapAction } from '../../../edge/transports/coap-outlet.ts';
import { openCoapSource, type CoapInput } from '../../../edge/transports/coap-source.ts';
import { createCoapClient } from '../../../edge/transports/coap/coap-client.ts';
import { eventually } from '../support/test-edge.ts';
import { coapClient, libcoap, startCoapServer } from './support/foreign.ts';
import { actionOf, inputOf, listenTo } from './support/samples.ts';

const why = 'skipped where libcoap3-bin is not installed';

function setUp() {
  const client = createCoapClient();
  onTestFinished(() => client.close());
  const listen = (coap: object, payload: object = { format: 'text' }) =>
    listenTo((deliver) => openCoapSource(inputOf({ coap, payload }) as CoapInput, { client, deliver }));
  const act = (coap: object, payload: object = { format: 'text' }) =>
    openCoapOutlet(actionOf({ coap, payload }) as CoapAction, { client });
  return { client, listen, act };
}

describe.skipIf(libcoap === undefined)(`libcoap's server (${why})`, () => {
  test('is asked at an interval', async () => {
    const { port } = await startCoapServer();
    const { heard, verdict } = setUp().listen({ uri: `coap://127.0.0.1:${port}/example_data`, every: '100ms' });
    await coapClient(['-m', 'put', '-e', '21.5', `coap://127.0.0.1:${port}/example_data`]);
    await eventually(() => {
      expect(heard.filter((text) => text === '21.5').length).toBeGreaterThan(2);
    });
    expect(verdict()).toBe('ok');
  });

  test('notifies of changes at once, and of nothing after the observation was closed', async () => {
    const { port } = await startCoapServer();
    const uri = `coap://127.0.0.1:${port}/example_data`;
    const { heard, source } = setUp().listen({ uri, observe: true, every: '1h' });
    await eventually(() => {
      expect(heard).toHaveLength(1);
    });
    for (const value of ['20', '21', '22']) {
      await coapClient(['-m', 'put', '-e', value, uri]);
      await eventually(() => {
        expect(heard.at(-1)).toBe(value);
      });
    }
    expect(heard.slice(1)).toEqual(['20', '21', '22']);
    source.close();
    await coapClient(['-m', 'put', '-e', '23', uri]);
    expect(await coapClient(['-m', 'get', uri])).toContain('23');
    expect(heard.at(-1)).toBe('22');
  });

  test('is observed again after a restart', async () => {
    const first = await startCoapServer();
    const uri = `coap://127.0.0.1:${first.port}/example_data`;
    const { heard } = setUp().listen({ uri, observe: true, every: '300ms' });
    for (const value of ['20', '21', '22']) await coapClient(['-m', 'put', '-e', value, uri]);
    await eventually(() => {
      expect(heard.at(-1)).toBe('22');
    });
    await first.stop();
    await startCoapServer(first.port);
    await coapClient(['-m', 'put', '-e', '30', uri]);
    await eventually(() => {
      expect(heard.at(-1)).toBe('30');
    });
    await coapClient(['-m', 'put', '-e', '31', uri]);
    await eventually(() => {
      expect(heard.at(-1)).toBe('31');
    });
  });

  test('ticks: each notification once', async () => {
    const { port } = await startCoapServer();
    const { heard } = setUp().listen({ uri: `coap://127.0.0.1:${port}/time?ticks`, observe: true, every: '1h' });
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(3);
    });
    expect(new Set(heard).size).toBe(heard.length);
  });

  test('does what an action says, as its own client sees', async () => {
    const { port } = await startCoapServer();
    const uri = `coap://127.0.0.1:${port}/example_data`;
    const outlet = setUp().act({ uri }, { format: 'json' });
    await Promise.all(['1', '2', '{"open":0.5}'].map((text) => outlet.send(Buffer.from(text))));
    expect(await coapClient(['-m', 'get', uri])).toContain('{"open":0.5}');
  });

  test('says no to an action, and that is told', async () => {
    const { port } = await startCoapServer();
    const { act } = setUp();
    const refused = act({ uri: `coap://127.0.0.1:${port}/`, method: 'POST' }).send(Buffer.from('1'));
    await expect(refused).rejects.toMatchObject({ code: 'ACTUATOR_FAILED', details: { answer: '4.05' } });
  });

  test('has no such resource, and that is a lack', async () => {
    const { port } = await startCoapServer();
    const { verdict, source } = setUp().listen({ uri: `coap://127.0.0.1:${port}/nothing`, every: '100ms' });
    await eventually(() => {
      expect(verdict()).toMatch(/^SENSOR_UNAVAILABLE: .*4\.04/);
      expect(source.counts?.()['SENSOR_UNAVAILABLE']).toBeGreaterThan(1);
    });
  });

  test('answers in blocks, whole up to the cap and no further', async () => {
    const { port } = await startCoapServer();
    const uri = `coap://127.0.0.1:${port}/example_data`;
    const { listen } = setUp();
    const long = 'x'.repeat(5000);
    await coapClient(['-m', 'put', '-b', '512', '-e', long, uri]);
    const polled = listen({ uri, every: '500ms' });
    await eventually(() => {
      expect(polled.heard.at(-1)).toBe(long);
    });
    const observed = listen({ uri, observe: true, every: '1h' });
    await eventually(() => {
      expect(observed.heard).toEqual([long]);
    });
    await coapClient(['-m', 'put', '-b', '1024', '-e', 'y'.repeat(20_000), uri]);
    await eventually(() => {
      expect(polled.source.counts?.()['ENDLESS_DATA']).toBeGreaterThan(0);
      expect(observed.source.counts?.()['ENDLESS_DATA']).toBeGreaterThan(0);
    });
    await coapClient(['-m', 'put', '-e', 'short', uri]);
    await eventually(() => {
      expect(polled.heard.at(-1)).toBe('short');
      expect(observed.heard.at(-1)).toBe('short');
    });
  });
});

import { createSocket, type Socket } from 'node:dgram';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openCoapOutlet, type CoapAction } from '../../../edge/transports/coap-outlet.ts';
import { openCoapSource, type CoapInput } from '../../../edge/transports/coap-source.ts';
import { createCoapClient } from '../../../edge/transports/coap/coap-client.ts';
import { coapOptions, NO_BYTES, uintOf, uintOption } from '../../../edge/transports/coap/coap-message.ts';
import { encodeMessage } from '../../../edge/transports/coap/encode-message.ts';
import type { CreateSocket } from '../../../edge/transports/coap/coap-sockets.ts';
import { eventually } from '../support/test-edge.ts';
import { actionOf, inputOf, listenTo } from './support/samples.ts';
import { boundSocket, hostileCoap, type Arrived } from './support/udp-server.ts';

const text = (value: string) => Buffer.from(value);
const observed = (value: number) => uintOption(coapOptions.observe, { value });
const block = (number: number, hasMore: boolean) =>
  uintOption(coapOptions.block2, { value: (number << 4) | (hasMore ? 8 : 0) | 6 });

function setUp(options: { readonly createSocket?: CreateSocket } = {}) {
  const client = createCoapClient(options);
  onTestFinished(() => client.close());
  const listen = (port: number, coap: object = {}) =>
    listenTo((deliver) =>
      openCoapSource(inputOf({ coap: { uri: `coap://127.0.0.1:${port}/t?a=b`, every: '1s', ...coap } }) as CoapInput, {
        client,
        deliver,
      }),
    );
  const act = (port: number, limits: { withinMs?: number } = {}) =>
    openCoapOutlet(actionOf({ coap: { uri: `coap://127.0.0.1:${port}/v` } }) as CoapAction, { client, ...limits });
  return { client, listen, act };
}

describe('a hostile CoAP world', () => {
  test('answers, acknowledges and resets from other ports, with other tokens or ids: none counts', async () => {
    const stranger = await boundSocket();
    const told: string[] = [];
    stranger.on('message', (bytes) => told.push(bytes.toString('hex')));
    const server = await hostileCoap(({ message, send }) => {
      if (message.code !== 1) return;
      const { id } = message;
      send({ payload: text('1') }, { by: stranger });
      send({ type: 'NON', payload: text('2') }, { by: stranger });
      send({ type: 'CON', payload: text('3') }, { by: stranger });
      send({ type: 'RST', code: 0, token: NO_BYTES }, { by: stranger });
      send({ type: 'RST', code: 0, token: NO_BYTES, id: id ^ 1 });
      send({ id: id ^ 1, payload: text('4') });
      send({ token: Buffer.alloc(8), payload: text('5') });
      send({ token: NO_BYTES, payload: text('6') });
      send({ type: 'NON', token: message.token.subarray(1), payload: text('7') });
      send({ payload: text('20') });
    });
    const { heard } = setUp().listen(server.port, { every: '100ms' });
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(2);
    });
    expect(new Set(heard)).toEqual(new Set(['20']));
    expect(told).toEqual([]);
    // What the one who was asked says out of turn is reset, so that it stops.
    expect(server.arrived.some(({ type }) => type === 'RST')).toBe(true);
  });

  test('tokens are eight bytes that do not repeat or count', async () => {
    const server = await hostileCoap(({ message, send }) => {
      if (message.code === 1) send({ payload: text('1') });
    });
    const { heard } = setUp().listen(server.port, { every: '100ms' });
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(3);
    });
    const questions = server.arrived.filter(({ code }) => code === 1);
    expect(questions.every(({ token }) => token.length === 8)).toBe(true);
    const tokens = questions.map(({ token }) => Buffer.from(token).readBigUInt64BE());
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(new Set(tokens.map((token) => token >> 32n)).size).toBe(tokens.length);
  });

  test('garbage is ignored, and the answer after it counts', async () => {
    const server = await hostileCoap(({ message, send, sendRaw }) => {
      if (message.code !== 1) return;
      const head = Buffer.from(encodeMessage({ ...message, type: 'ACK', code: 0x45, options: [] }));
      for (const tail of [
        [0xff],
        [0xf0],
        [0x0f],
        [0xd0],
        [0xe0, 0],
        [0x01],
        [0x1d, 0xff],
        [0xee, 255, 255, 255, 255],
      ]) {
        sendRaw(Buffer.concat([head, Buffer.from(tail)]));
      }
      for (const bytes of [[], [0x40], [0x60, 0x45, 0, 0, 1], [0x6f, 0x45, 0, 0], [0x20, 0x45, 0, 0]]) {
        sendRaw(Buffer.from(bytes));
      }
      // An option that must be understood and is not.
      send({ options: [{ number: 9, value: NO_BYTES }], payload: text('66') });
      send({ options: [uintOption(coapOptions.contentFormat, { value: 0 })], payload: text('20') });
    });
    const { heard } = setUp().listen(server.port, { every: '100ms' });
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(1);
    });
    expect(new Set(heard)).toEqual(new Set(['20']));
  });

  test.each<readonly [string, string, (arrived: Arrived, number: number) => void]>([
    [
      'endless blocks',
      'ENDLESS_DATA',
      ({ send }, number) => {
        send({ options: [block(number, true)], payload: Buffer.alloc(1024) });
      },
    ],
    [
      'the same block again and again',
      'SCHEMA',
      ({ send }) => {
        send({ options: [block(0, true)], payload: Buffer.alloc(1024) });
      },
    ],
    [
      'empty blocks without end',
      'SCHEMA',
      ({ send }, number) => {
        send({ options: [block(number, true)] });
      },
    ],
    [
      'blocks of two values',
      'SCHEMA',
      ({ send }, number) => {
        const etag = { number: coapOptions.etag, value: Buffer.of(number) };
        send({ options: [etag, block(number, number === 0)], payload: Buffer.alloc(1024) });
      },
    ],
    [
      'a block option of nonsense',
      'SCHEMA',
      ({ send }) => {
        send({ options: [uintOption(coapOptions.block2, { value: 7 })], payload: text('1') });
      },
    ],
    [
      'a block amid which it says no',
      'SENSOR_UNAVAILABLE',
      ({ send }, number) => {
        if (number === 0) send({ options: [block(0, true)], payload: Buffer.alloc(1024) });
        else send({ code: 0x84 });
      },
    ],
    [
      'a datagram that is too long',
      'ENDLESS_DATA',
      ({ send }) => {
        send({ payload: Buffer.alloc(20_000) });
      },
    ],
    [
      'a reset',
      'SENSOR_UNAVAILABLE',
      ({ send }) => {
        send({ type: 'RST', code: 0, token: NO_BYTES });
      },
    ],
    ['nothing', 'TIMEOUT', () => undefined],
    [
      'an acknowledgement and no answer',
      'TIMEOUT',
      ({ send }) => {
        send({ code: 0, token: NO_BYTES });
      },
    ],
  ])('a sensor that sends %s is counted as %s, and is a lack', async (_, code, answer) => {
    const server = await hostileCoap((arrived) => {
      if (arrived.message.code !== 1) return;
      answer(arrived, (uintOf(arrived.message.options, coapOptions.block2) ?? 0) >> 4);
    });
    const { heard, source, verdict } = setUp().listen(server.port, { every: '300ms' });
    // On a machine that is busy some question may end at its deadline instead.
    await eventually(() => {
      expect(verdict()).toMatch(/^SENSOR_UNAVAILABLE/);
      expect(source.counts?.()[code]).toBeGreaterThan(0);
    });
    expect(heard).toEqual([]);
  });

  test('a separate answer counts, is acknowledged, and is asked for again where the question was lost', async () => {
    let questions = 0;
    const server = await hostileCoap(({ message, send }) => {
      if (message.code !== 1) return;
      questions += 1;
      if (questions === 1) return;
      send({ code: 0, token: NO_BYTES });
      send({ type: 'CON', id: 7, payload: text('20') });
    });
    const { heard } = setUp().listen(server.port, { every: '10s' });
    await eventually(() => {
      expect(heard).toEqual(['20']);
    });
    const [first, second] = server.arrived;
    expect(second?.id).toBe(first?.id);
    await eventually(() => {
      expect(server.arrived).toContainEqual(expect.objectContaining({ type: 'ACK', code: 0, id: 7 }));
    });
  });

  test('notifications that were overtaken or copied are dropped; the observation is renewed and deregistered', async () => {
    let registration: Arrived | undefined;
    let sequence = 100;
    const server = await hostileCoap((arrived) => {
      if (arrived.message.code !== 1) return;
      const observe = uintOf(arrived.message.options, coapOptions.observe);
      if (observe === 0) registration = arrived;
      arrived.send({ options: observe === 0 ? [observed(sequence)] : [], payload: text('0') });
    });
    const { heard, source } = setUp().listen(server.port, { observe: true, every: '300ms' });
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(0);
    });
    const tell = (value: string, { at, id = at }: { at: number; id?: number }) => {
      registration?.send({ type: 'CON', id, options: [observed(at)], payload: text(value) });
    };
    tell('3', { at: 103 });
    tell('2', { at: 102 });
    tell('3 again', { at: 103 });
    tell('4', { at: 104 });
    await eventually(() => {
      expect(heard).toContain('4');
    });
    expect(heard.filter((value) => value !== '0')).toEqual(['3', '4']);
    // As after a restart: the server counts from 1, and says so in its answer to a renewal.
    sequence = 1;
    const before = registration;
    await eventually(() => {
      expect(registration).not.toBe(before);
      expect(heard.at(-1)).toBe('0');
    });
    expect(Buffer.from(registration?.message.token ?? [])).toEqual(Buffer.from(before?.message.token ?? [1]));
    tell('5', { at: 2 });
    await eventually(() => {
      expect(heard).toContain('5');
    });
    source.close();
    await eventually(() => {
      const deregistered = server.arrived.filter(({ options }) => uintOf(options, coapOptions.observe) === 1);
      expect(deregistered.map(({ token }) => Buffer.from(token))).toEqual([
        Buffer.from(registration?.message.token ?? []),
      ]);
    });
    tell('6', { at: 3, id: 4444 });
    await eventually(() => {
      expect(server.arrived).toContainEqual(expect.objectContaining({ type: 'RST', id: 4444 }));
    });
    expect(heard).not.toContain('6');
  });

  test('an observation that the sensor ends is begun anew, but not at once', async () => {
    const server = await hostileCoap(({ message, send }) => {
      if (message.code !== 1) return;
      send({ options: [observed(1)], payload: text('1') });
      setImmediate(() => {
        send({ type: 'NON', code: 0x84, id: 9 });
      });
    });
    const { heard, source } = setUp().listen(server.port, { observe: true, every: '1h' });
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(1);
    });
    expect(source.counts?.()['SENSOR_UNAVAILABLE']).toBeGreaterThan(0);
    expect(server.arrived.filter(({ code }) => code === 1).length).toBeLessThan(4);
  });

  test('a sensor that can not be observed is asked at the interval', async () => {
    const server = await hostileCoap(({ message, send }) => {
      if (message.code === 1) send({ payload: text('1') });
    });
    const { heard } = setUp().listen(server.port, { observe: true, every: '100ms' });
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(3);
    });
  });

  test('a dead sensor makes no other one late, and a hundred of them share one socket', async () => {
    let opened = 0;
    const createSocketOnce = ((...options: Parameters<CreateSocket>) => {
      opened += 1;
      return createSocket(...options);
    }) as CreateSocket;
    const [dead, live] = [
      await hostileCoap(() => undefined),
      await hostileCoap(({ message, send }) => {
        if (message.code === 1) send({ payload: text('1') });
      }),
    ];
    const { listen } = setUp({ createSocket: createSocketOnce });
    const startedMs = performance.now();
    const all = Array.from({ length: 100 }, (_, index) => listen((index % 2 === 0 ? dead : live).port));
    await eventually(() => {
      expect(all.every(({ heard }, index) => index % 2 === 0 || heard.length > 1)).toBe(true);
    });
    // One after the other, the fifty dead ones alone would take fifty seconds for each round.
    expect(performance.now() - startedMs).toBeLessThan(25_000);
    expect(opened).toBe(1);
  });

  test('a socket that broke is replaced, and what was observed is observed again', async () => {
    const sockets: Socket[] = [];
    const createTracked = ((...options: Parameters<CreateSocket>) => {
      const socket = createSocket(...options);
      sockets.push(socket);
      return socket;
    }) as CreateSocket;
    const server = await hostileCoap(({ message, send }) => {
      if (message.code === 1) send({ options: [observed(1)], payload: text('1') });
    });
    const { heard } = setUp({ createSocket: createTracked }).listen(server.port, { observe: true, every: '1h' });
    await eventually(() => {
      expect(heard).toHaveLength(1);
    });
    sockets[0]?.emit('error', new Error('the interface went away'));
    await eventually(() => {
      expect(heard).toHaveLength(2);
    });
    expect(sockets).toHaveLength(2);
  });
});

describe('a CoAP actuator', () => {
  test('is told once: copies carry one id, and nothing is sent after the caller was told of a failure', async () => {
    const server = await hostileCoap(({ message, send }) => {
      if (message.code === 3 && server.arrived.length === 2) send({ code: 0x44 });
    });
    await setUp().act(server.port).send(text('1'));
    const [first, second, ...more] = server.arrived;
    expect(more).toEqual([]);
    expect(second).toEqual(first);
    expect(first).toMatchObject({ type: 'CON', code: 3 });
    expect(uintOf(first?.options ?? [], coapOptions.contentFormat)).toBe(0);
  });

  test('that says no, resets, or breaks off is told with a code', async () => {
    const server = await hostileCoap(({ message, send }) => {
      const word = Buffer.from(message.payload).toString();
      if (word === 'no') send({ code: 0x81 });
      if (word === 'reset') send({ type: 'RST', code: 0, token: NO_BYTES });
    });
    const { act } = setUp();
    const outlet = act(server.port);
    await expect(outlet.send(text('no'))).rejects.toMatchObject({ code: 'ACTUATOR_FAILED' });
    await expect(outlet.send(text('reset'))).rejects.toMatchObject({ code: 'ACTUATOR_FAILED' });
    await expect(outlet.send(Buffer.alloc(1025))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  test('that does not answer may have acted; what waited behind it is not sent late', async () => {
    const server = await hostileCoap(() => undefined);
    const outlet = setUp().act(server.port, { withinMs: 500 });
    const [first, second] = await Promise.allSettled([outlet.send(text('1')), outlet.send(text('2'))]);
    expect(first).toMatchObject({ reason: { code: 'TIMEOUT' } });
    expect(second).toMatchObject({ reason: { code: 'ACTUATOR_FAILED' } });
    expect(new Set(server.arrived.map(({ payload }) => Buffer.from(payload).toString()))).toEqual(new Set(['1']));
  });

  test.each([
    ['coaps:', 'coaps://127.0.0.1/a'],
    ['a group that a name hides', 'coap://0xe0.0.0.1/a'],
    ['a broadcast', 'coap://255.255.255.255/a'],
    ['nobody', 'coap://0.0.0.0/a'],
  ])('is no %s', async (_, uri) => {
    const client = createCoapClient();
    onTestFinished(() => client.close());
    const act = async () => {
      await openCoapOutlet(actionOf({ coap: { uri } }) as CoapAction, { client }).send(text('1'));
    };
    await expect(act()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockOf, blockOption } from '../../../edge/transports/coap/block-option.ts';
import { codeText, uintOf, uintOption, type CoapMessage } from '../../../edge/transports/coap/coap-message.ts';
import { parseCoapTarget } from '../../../edge/transports/coap/coap-target.ts';
import { encodeMessage } from '../../../edge/transports/coap/encode-message.ts';
import { isNewer } from '../../../edge/transports/coap/is-newer.ts';
import { parseMessage } from '../../../edge/transports/coap/parse-message.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const messages: fc.Arbitrary<CoapMessage> = fc.record({
  type: fc.constantFrom('CON', 'NON', 'ACK', 'RST'),
  code: fc.integer({ min: 1, max: 255 }),
  id: fc.nat(65_535),
  token: bytes(8),
  options: fc.array(fc.record({ number: fc.nat(65_535), value: bytes(700) }), { maxLength: 8 }),
  payload: bytes(100),
});

const plain = ({ options, token, payload, ...rest }: CoapMessage) => ({
  ...rest,
  token: [...token],
  payload: [...payload],
  options: options
    .toSorted((one, other) => one.number - other.number)
    .map(({ number, value }) => ({ number, value: [...value] })),
});

describe('CoAP messages', () => {
  // RFC 7252 appendix A, figures 16 and 17: GET /temperature, answered "22.3 C".
  test.each([
    ['40017d34bb74656d7065726174757265', { type: 'CON', code: 0x01, id: 0x7d34 }, [[11, 'temperature']], ''],
    ['60457d34ff32322e332043', { type: 'ACK', code: 0x45, id: 0x7d34 }, [], '22.3 C'],
    ['41017d3520bb74656d7065726174757265', { type: 'CON', code: 0x01, id: 0x7d35 }, [[11, 'temperature']], ''],
  ] as const)('%s is what RFC 7252 prints', (hex, head, options, payload) => {
    const message = parseMessage(Buffer.from(hex, 'hex'));
    expect(message).toMatchObject(head);
    expect(message?.options.map(({ number, value }) => [number, Buffer.from(value).toString()])).toEqual(options);
    expect(Buffer.from(message?.payload ?? []).toString()).toBe(payload);
    expect(message && encodeMessage(message).toString('hex')).toBe(hex);
  });

  test('come back as they were sent', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const parsed = parseMessage(encodeMessage(message));
        expect(parsed && plain(parsed)).toEqual(plain(message));
      }),
    );
  });

  test('are parsed or not, of whatever bytes, and never throw', () => {
    fc.assert(
      fc.property(bytes(64), fc.nat(3), (tail, type) => {
        const parsed = parseMessage(Buffer.concat([Buffer.from([0x40 | (type << 4)]), tail]));
        const again = parsed && parseMessage(encodeMessage(parsed));
        expect(again && plain(again)).toEqual(parsed && plain(parsed));
      }),
      { numRuns: 2000 },
    );
  });

  test('have at most 64 options', () => {
    const option = { number: 11, value: Buffer.from('x') };
    const of = (count: number) =>
      parseMessage(
        encodeMessage({
          type: 'CON',
          code: 1,
          id: 1,
          token: Buffer.alloc(0),
          options: Array.from({ length: count }, () => option),
          payload: Buffer.alloc(0),
        }),
      );
    expect([of(64)?.options.length, of(65)]).toEqual([64, undefined]);
  });

  test('hold numbers in as few bytes as there must be', () => {
    for (const [value, hex] of [
      [0, ''],
      [1, '01'],
      [256, '0100'],
      [0xff_ff_ff, 'ffffff'],
    ] as const) {
      const option = uintOption(6, { value });
      expect([Buffer.from(option.value).toString('hex'), uintOf([option], 6)]).toEqual([hex, value]);
    }
    expect(uintOf([{ number: 6, value: Buffer.alloc(5) }], 6)).toBeUndefined();
    expect([codeText(0x45), codeText(0x84), codeText(0xa3)]).toEqual(['2.05', '4.04', '5.03']);
  });

  test('say which block they are', () => {
    const option = blockOption({ number: 5, exponent: 6 });
    expect(blockOf([option])).toEqual({ number: 5, hasMore: false, exponent: 6 });
    expect(blockOf([{ ...option, value: Buffer.of(7) }])).toBeUndefined();
    expect(blockOf([{ ...option, value: Buffer.alloc(4, 1) }])).toBeUndefined();
  });
});

describe('freshness of notifications (RFC 7641 section 3.4)', () => {
  test.each([
    [1, 2, 0, true],
    [2, 1, 0, false],
    [2, 2, 0, false],
    [0xff_ff_ff, 0, 0, true],
    [0, 0xff_ff_ff, 0, false],
    [0, 2 ** 23 - 1, 0, true],
    [0, 2 ** 23, 0, false],
    [2, 1, 128_000, false],
    [2, 1, 128_001, true],
  ])('after %i, %i that came %i ms later is newer: %s', (first, second, laterMs, expected) => {
    expect(isNewer({ sequence: second, atMs: laterMs }, { sequence: first, atMs: 0 })).toBe(expected);
  });
});

describe('CoAP URIs (RFC 7252 section 6.4)', () => {
  const optionsOf = (uri: string) =>
    parseCoapTarget(uri).options.map(({ number, value }) => `${number} ${Buffer.from(value).toString()}`);

  test.each([
    ['coap://10.0.7.9', []],
    ['coap://10.0.7.9/', []],
    ['coap://10.0.7.9/a/b?c=1&d', ['11 a', '11 b', '15 c=1', '15 d']],
    ['coap://10.0.7.9/%2F/%C3%A9/', ['11 /', '11 é', '11 ']],
    ['coap://barn.local/a', ['3 barn.local', '11 a']],
    ['coap://[fd00::1]:61616/a', ['11 a']],
  ])('%s', (uri, options) => {
    expect(optionsOf(uri)).toEqual(options);
  });

  test('name a port, or the default one', () => {
    expect(parseCoapTarget('coap://[fd00::1]:61616/a')).toMatchObject({ host: 'fd00::1', port: 61_616 });
    expect(parseCoapTarget('coap://10.0.7.9/a')).toMatchObject({ host: '10.0.7.9', port: 5683 });
  });

  test.each([
    ['coaps://10.0.7.9/a', 'UNSUPPORTED'],
    ['coap://10.0.7.9/%zz', 'SCHEMA'],
    [`coap://10.0.7.9/${'x'.repeat(256)}`, 'SCHEMA'],
  ])('%s is refused', (uri, code) => {
    expect(() => parseCoapTarget(uri)).toThrow(expect.objectContaining({ code }));
  });
});

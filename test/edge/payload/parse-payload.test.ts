import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from 'cborg';
import { payloadSchema } from '../../../core/document/payload-schema.ts';
import type { Scalar } from '../../../core/document/scalar.ts';
import { encodePayload } from '../../../edge/payload/encode-payload.ts';
import { valueAt } from '../../../edge/payload/json-pointer.ts';
import { MAX_PAYLOAD_BYTES, parsePayload } from '../../../edge/payload/parse-payload.ts';
import { codeOf } from '../../core/support/code-of.ts';

const bytes = (text: string) => Buffer.from(text);
const declared = (payload: object) => payloadSchema.parse(payload);
const number = declared({ format: 'number' });

describe('parsePayload', () => {
  test.each([
    ['21.5', 21.5],
    [' 21.5\r\n', 21.5],
    ['-0', 0],
    ['1e3', 1000],
    ['-1.5E-2', -0.015],
    ['1.7976931348623157e308', Number.MAX_VALUE],
  ])('reads %j as a number', (text, value) => {
    expect(Object.is(parsePayload(bytes(text), number), value)).toBe(true);
  });

  test.each([
    '',
    ' ',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e999',
    '-1e999',
    '0x10',
    '1_000',
    '+1',
    '.5',
    '5.',
    '01',
    '1 2',
    '1,5',
    'true',
    'null',
    '"1"',
    '１',
  ])('refuses %j as a number', (text) => {
    expect(codeOf(() => parsePayload(bytes(text), number))).toBe('SCHEMA');
  });

  test('refuses what is not UTF-8, and what is too long before it looks at it', () => {
    expect(codeOf(() => parsePayload(Buffer.from([0x31, 0xff]), number))).toBe('SCHEMA');
    expect(codeOf(() => parsePayload(bytes(`1${' '.repeat(MAX_PAYLOAD_BYTES)}`), number))).toBe('ENDLESS_DATA');
    expect(parsePayload(bytes(`1${' '.repeat(MAX_PAYLOAD_BYTES - 1)}`), number)).toBe(1);
  });

  test('finds a number within JSON by its pointer', () => {
    const json = (pointer?: string) => declared({ format: 'json', pointer });
    expect(parsePayload(bytes('21.5'), json())).toBe(21.5);
    expect(parsePayload(bytes('{"a":{"b":[1,{"c":2}]}}'), json('/a/b/1/c'))).toBe(2);
    for (const pointer of [
      '/a',
      '/a/b',
      '/a/b/2',
      '/a/b/-',
      '/a/b/01',
      '/x',
      '/a/b/length',
      '/constructor',
      '/__proto__',
    ]) {
      expect(codeOf(() => parsePayload(bytes('{"a":{"b":[1,{"c":2}]}}'), json(pointer)))).toBe('SCHEMA');
    }
    for (const text of ['{"t":"1"}', '{"t":null}', '{"t":true}', '{"t":1e999}', '{"t":', '{}', '[]', 'null']) {
      expect(codeOf(() => parsePayload(bytes(text), json('/t')))).toBe('SCHEMA');
    }
    expect(codeOf(() => parsePayload(bytes('['.repeat(16_000)), json('/0')))).toBe('SCHEMA');
  });

  test('reads text, booleans and CBOR as declared, and refuses what is out of bounds', () => {
    expect(parsePayload(bytes(' open '), declared({ format: 'text' }))).toBe(' open ');
    expect(codeOf(() => parsePayload(bytes('abc'), declared({ format: 'text', maxLength: 2 })))).toBe('SCHEMA');
    expect(parsePayload(bytes('{"on":false}'), declared({ format: 'json', pointer: '/on', type: 'boolean' }))).toBe(
      false,
    );
    expect(codeOf(() => parsePayload(bytes('"\\ud800"'), declared({ format: 'json', type: 'text' })))).toBe('SCHEMA');
    const cbor = declared({ format: 'cbor', pointer: '/t', minimum: -40, maximum: 85 });
    expect(parsePayload(encode({ t: 21.5 }), cbor)).toBe(21.5);
    for (const value of [{ t: 86 }, { t: -41 }, { t: NaN }, { t: Infinity }, { t: '21' }, { u: 1 }, [1], null]) {
      expect(codeOf(() => parsePayload(encode(value), cbor))).toBe('SCHEMA');
    }
    // A key twice, a byte behind the end, cut short, an indefinite length that never ends, a huge length.
    for (const hex of ['a2617401617402', 'a161740100', 'a161', 'bf617401', '9b00000000ffffffff', '']) {
      expect(codeOf(() => parsePayload(Buffer.from(hex, 'hex'), cbor))).toBe('SCHEMA');
    }
  });

  test('gives a value of the declared type or a code, whatever comes', () => {
    const formats = ['number', 'json', 'text', 'cbor'].map((format) => declared({ format }));
    const format = fc.constantFrom(...formats, declared({ format: 'json', pointer: '/t', type: 'boolean' }));
    const payloads = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.json().map(bytes), fc.string().map(bytes));
    fc.assert(
      fc.property(payloads, format, (payload, as) => {
        let value: Scalar | undefined;
        const code = codeOf(() => {
          value = parsePayload(payload, as);
        });
        if (code !== undefined) expect(code).toBe('SCHEMA');
        else if (as.type === 'number') expect(Number.isFinite(value)).toBe(true);
        else expect(typeof value).toBe(as.type === 'text' ? 'string' : 'boolean');
      }),
    );
  });

  test('reads what encodePayload wrote, in every format', () => {
    const pointers = ['', '/t', '/a/b~1c/~0', '/__proto__/0'];
    const cases = fc.oneof(
      fc.record({
        format: fc.constantFrom('json', 'cbor'),
        pointer: fc.constantFrom(...pointers),
        value: fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
          fc.string({ unit: 'grapheme', maxLength: 20 }),
        ),
      }),
      fc.record({
        format: fc.constant('number'),
        pointer: fc.constant(''),
        value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      }),
      fc.record({
        format: fc.constant('text'),
        pointer: fc.constant(''),
        value: fc.string({ unit: 'grapheme', maxLength: 20 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ format, pointer, value }) => {
        const type = typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
        const spec = declared({ format, type, ...(pointer === '' ? {} : { pointer }) });
        expect(parsePayload(encodePayload(value, spec), spec)).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describe('valueAt', () => {
  // RFC 6901 section 5, its own examples.
  const document = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
  };
  test.each([
    ['', document],
    ['/foo', document.foo],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
    ['/constructor', undefined],
    ['/__proto__', undefined],
    ['/foo/length', undefined],
    ['/foo/-', undefined],
  ])('%j', (pointer, value) => {
    expect(valueAt(document, pointer)).toEqual(value);
  });
});

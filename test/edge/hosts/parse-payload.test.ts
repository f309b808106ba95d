import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueAt } from '../../../edge/hosts/json-pointer.ts';
import { MAX_PAYLOAD_BYTES, parsePayload } from '../../../edge/hosts/parse-payload.ts';
import { codeOf } from '../../core/support/code-of.ts';

const bytes = (text: string) => Buffer.from(text);
const number = { format: 'number' } as const;

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
    const json = (pointer?: string) => ({ format: 'json', ...(pointer === undefined ? {} : { pointer }) }) as const;
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

  test('gives a finite number or a code, whatever comes', () => {
    const format = fc.constantFrom(number, { format: 'json' } as const, { format: 'json', pointer: '/t' } as const);
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.json().map(bytes), fc.string().map(bytes)),
        format,
        (payload, as) => {
          let value = 0;
          const code = codeOf(() => {
            value = parsePayload(payload, as);
          });
          if (code === undefined) expect(Number.isFinite(value)).toBe(true);
          else expect(code).toBe('SCHEMA');
        },
      ),
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

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binaryKinds, type BinaryKind } from '../../../core/document/binary-schema.ts';
import { payloadSchema } from '../../../core/document/payload-schema.ts';
import { encodePayload } from '../../../edge/payload/encode-payload.ts';
import { readMedfloat } from '../../../edge/payload/medfloat.ts';
import { parsePayload } from '../../../edge/payload/parse-payload.ts';
import { codeOf } from '../../core/support/code-of.ts';

const declared = (binary: object, rest: object = {}) => payloadSchema.parse({ format: 'binary', binary, ...rest });
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const heartRate = { kind: 'uint8', offset: 1, when: { byte: 0, bit: 0, kind: 'uint16' } };

describe('a binary payload', () => {
  test.each<readonly [string, object, string, number]>([
    ['a temperature (0x2A6E)', { kind: 'int16', scale: 0.01 }, '59 08', 21.37],
    ['a frost (0x2A6E)', { kind: 'int16', scale: 0.01 }, '0c fe', -5],
    ['a humidity (0x2A6F)', { kind: 'uint16', scale: 0.01 }, '39 00', 0.57],
    ['a battery level (0x2A19)', { kind: 'uint8' }, '64', 100],
    ['a pressure (0x2A6D)', { kind: 'uint32', scale: 0.1 }, '52 78 0f 00', 101_384.2],
    ['an illuminance (0x2AFB)', { kind: 'uint24', scale: 0.01 }, 'ff ff ff', 167_772.15],
    ['a signed byte', { kind: 'int8' }, 'ff', -1],
    ['three signed bytes', { kind: 'int24' }, 'fe ff ff', -2],
    ['four signed bytes', { kind: 'int32' }, '00 00 00 80', -(2 ** 31)],
    ['a float', { kind: 'float32' }, '00 00 ac 41', 21.5],
    ['a large step', { kind: 'uint8', scale: 64 }, '02', 128],
    ['most significant first', { kind: 'uint16', order: 'big' }, '01 02', 258],
    ['what stands further behind', { kind: 'uint8', offset: 2 }, '01 02 03 04', 3],
    ['a heart rate in a byte (0x2A37)', heartRate, '06 48 5a 03', 72],
    ['a heart rate in two bytes (0x2A37)', heartRate, '07 2c 01', 300],
    ['a body temperature (0x2A1C)', { kind: 'medfloat32', offset: 1 }, '00 6f 01 00 ff', 36.7],
    ['an oxygen saturation (0x2A5E)', { kind: 'medfloat16', offset: 1 }, '00 cf f3', 97.5],
  ])('holds %s', (_, binary, bytes, value) => {
    expect(parsePayload(hex(bytes), declared(binary))).toBe(value);
  });

  test.each<readonly [string, object, string]>([
    ['too few bytes', { kind: 'uint16' }, '01'],
    ['none', { kind: 'uint8' }, ''],
    ['a number cut in two', { kind: 'uint8', offset: 1, when: heartRate.when }, '01 48'],
    ['no flags', heartRate, ''],
    ['NaN', { kind: 'float32' }, '00 00 c0 7f'],
    ['infinity', { kind: 'float32' }, '00 00 80 7f'],
    ['a medical NaN', { kind: 'medfloat16' }, 'ff 07'],
    ['a medical "not at this resolution"', { kind: 'medfloat16' }, '00 08'],
    ['a medical infinity', { kind: 'medfloat32' }, 'fe ff 7f 00'],
    ['a medical minus infinity', { kind: 'medfloat32' }, '02 00 80 00'],
  ])('is refused with %s', (_, binary, bytes) => {
    expect(codeOf(() => parsePayload(hex(bytes), declared(binary)))).toBe('SCHEMA');
  });

  test("is kept within its bounds, so that GATT's `value is not known` (0x8000) is none", () => {
    const temperature = declared({ kind: 'int16', scale: 0.01 }, { minimum: -273.15 });
    expect(codeOf(() => parsePayload(hex('00 80'), temperature))).toBe('SCHEMA');
    expect(parsePayload(hex('4d 95'), temperature)).toBe(-273.15);
  });

  test.each<readonly [string, object]>([
    ['no place of the number', { format: 'binary' }],
    ['a place and another format', { format: 'json', binary: { kind: 'uint8' } }],
    ['a text', { format: 'binary', binary: { kind: 'uint8' }, type: 'text' }],
    ['a pointer', { format: 'binary', binary: { kind: 'uint8' }, pointer: '/a' }],
    ['a kind that nobody knows', { format: 'binary', binary: { kind: 'uint7' } }],
    ['a flag behind the number', { format: 'binary', binary: { kind: 'uint8', when: heartRate.when } }],
    ['a scale of 0', { format: 'binary', binary: { kind: 'uint8', scale: 0 } }],
    ['an offset beyond any attribute', { format: 'binary', binary: { kind: 'uint8', offset: 512 } }],
  ])('is not declared with %s', (_, payload) => {
    expect(payloadSchema.safeParse(payload).success).toBe(false);
  });

  test.each<readonly [BinaryKind, number]>([
    ['uint8', 256],
    ['uint8', -1],
    ['int8', 128],
    ['int8', -129],
    ['uint16', 65_536],
    ['uint24', 2 ** 24],
    ['uint32', 2 ** 32],
    ['int32', -(2 ** 31) - 1],
    ['float32', 1e39],
    ['medfloat16', 1e12],
  ])('of %s is not made of %d', (kind, value) => {
    expect(codeOf(() => encodePayload(value, declared({ kind })))).toBe('SCHEMA');
  });

  test('of an action has zeros before its number, so that its flags say what it is', () => {
    expect(encodePayload(72, declared(heartRate))).toEqual(hex('00 48'));
    expect(encodePayload(21.374, declared({ kind: 'int16', scale: 0.01, order: 'big' }))).toEqual(hex('08 59'));
    expect(encodePayload(36.7, declared({ kind: 'medfloat16' }))).toEqual(hex('6f f1'));
  });
});

describe('whatever the bytes', () => {
  test('a medical float of 16 bits that was read and written again is the same', () => {
    const spec = declared({ kind: 'medfloat16' });
    const numbers = [];
    for (let bits = 0; bits < 2 ** 16; bits += 1) {
      const value = readMedfloat(bits, 'medfloat16');
      if (value !== undefined) numbers.push(value);
    }
    // All but NaN, "not at this resolution", what is reserved and the infinities, which are of the exponent 0.
    expect(numbers).toHaveLength(2 ** 16 - 5);
    expect(numbers.filter((value) => parsePayload(encodePayload(value, spec), spec) !== value)).toEqual([]);
  });

  const kinds = fc.constantFrom(...(Object.keys(binaryKinds) as BinaryKind[]));
  const scales = fc.constantFrom(1, 0.1, 0.01, 0.001, 0.5, 2, 64, 1 / 3);
  const specs = fc
    .record({ kind: kinds, scale: scales, offset: fc.nat(6), order: fc.constantFrom('little', 'big') })
    .map((binary) => declared(binary));

  test('a message is a finite number or refused by code', () => {
    fc.assert(
      fc.property(specs, fc.uint8Array({ maxLength: 16 }), (spec, bytes) => {
        let value: unknown;
        const code = codeOf(() => {
          value = parsePayload(bytes, spec);
        });
        if (code === undefined) expect(Number.isFinite(value)).toBe(true);
        else expect(code).toBe('SCHEMA');
      }),
    );
  });

  test('a number that was read and written again is the same', () => {
    fc.assert(
      fc.property(specs, fc.uint8Array({ minLength: 10, maxLength: 10 }), (spec, bytes) => {
        let value = 0;
        fc.pre(codeOf(() => (value = parsePayload(bytes, spec) as number)) === undefined);
        expect(parsePayload(encodePayload(value, spec), spec)).toBe(value);
      }),
    );
  });
});

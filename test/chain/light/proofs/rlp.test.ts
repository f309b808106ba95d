import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRlp, encodeRlp, integerBytes, rlpInteger, type Rlp } from '../../../../chain/light/rlp.ts';
import { refusalOf } from './refusal-of.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

const { item: itemArbitrary } = fc.letrec<{ item: Rlp }>((tie) => ({
  item: fc.oneof({ maxDepth: 4 }, fc.uint8Array({ maxLength: 300 }), fc.array(tie('item'), { maxLength: 5 })),
}));

describe('RLP', () => {
  test('reads what it wrote, and nothing shorter or longer', () => {
    fc.assert(
      fc.property(itemArbitrary, (item) => {
        const bytes = encodeRlp(item);
        expect(decodeRlp(bytes)).toEqual(item);
        expect(refusalOf(() => decodeRlp(Uint8Array.from([...bytes, 0])))).toBe('rlp-trailing');
        expect(refusalOf(() => decodeRlp(bytes.subarray(0, -1)))).toBe('rlp-truncated');
      }),
    );
  });

  test('has one form for each value: whatever is read is written again alike', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        let item: Rlp;
        try {
          item = decodeRlp(bytes);
        } catch {
          return;
        }
        expect(Buffer.from(encodeRlp(item)).equals(bytes)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a byte as a string of one', '8105', 'rlp-canonical'],
    ['a long form of a short string', `b837${'aa'.repeat(55)}`, 'rlp-canonical'],
    ['a length with a leading zero', `b90038${'aa'.repeat(56)}`, 'rlp-canonical'],
    ['a long form of a short list', 'f80105', 'rlp-canonical'],
    ['a list whose last item reaches past it', 'c283aa', 'rlp-truncated'],
    ['a list longer than the bytes', 'c5', 'rlp-truncated'],
    ['a length longer than the bytes', 'b9', 'rlp-truncated'],
    ['a length of eight bytes', 'bfffffffffffffffff00', 'rlp-truncated'],
    ['nothing', '', 'rlp-truncated'],
  ])('refuses %s', (_, text, check) => {
    expect(refusalOf(() => decodeRlp(hex(text)))).toBe(check);
  });

  test('refuses lists in lists without end', () => {
    let bytes: Uint8Array = Uint8Array.of(0xc0);
    for (let depth = 0; depth < 15; depth++) bytes = encodeRlp([decodeRlp(bytes)]);
    expect(decodeRlp(bytes)).toBeDefined();
    const deep = new Uint8Array(1_000_000).fill(0xc1);
    expect(refusalOf(() => decodeRlp(deep))).toBeDefined();
    expect(refusalOf(() => decodeRlp(encodeRlp([decodeRlp(encodeRlp([decodeRlp(bytes)]))])))).toBe('rlp-depth');
  });

  test('has integers without leading zeros, of bounded size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(rlpInteger(integerBytes(value), 8)).toBe(value);
      }),
    );
    expect(refusalOf(() => rlpInteger(hex('0005'), 8))).toBe('rlp-integer');
    expect(refusalOf(() => rlpInteger(hex('00'), 8))).toBe('rlp-integer');
    expect(refusalOf(() => rlpInteger(hex('010000000000000000'), 8))).toBe('rlp-integer');
    expect(refusalOf(() => rlpInteger([], 8))).toBe('rlp-bytes');
  });
});

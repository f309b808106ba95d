import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  commitmentOf,
  encodeSecretContent,
  MAX_SECRET_BYTES,
  MAX_SECRET_CONTENT_BYTES,
  parseSecretContent,
} from '../../../core/secrets/secret-content.ts';
import { codeOf } from '../support/code-of.ts';

const salt = fc.uint8Array({ minLength: 32, maxLength: 32 });
const value = fc.string({ unit: 'binary', minLength: 1, maxLength: 600 });

describe("a secret's content", () => {
  test('reads back as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(salt, value, (salted, text) => {
        const parsed = parseSecretContent(encodeSecretContent({ salt: salted, value: text }));
        expect(parsed).toEqual({ salt: salted, value: text });
      }),
    );
    const marked = '\ufeffkey\r\n\0';
    expect(parseSecretContent(encodeSecretContent({ salt: Buffer.alloc(32), value: marked })).value).toBe(marked);
  });

  test('has one form alone: whatever else is refused, or is another content in its own one form', () => {
    fc.assert(
      fc.property(salt, value, fc.nat(), fc.integer({ min: 1, max: 255 }), (salted, text, at, change) => {
        const content = Uint8Array.from(encodeSecretContent({ salt: salted, value: text }));
        const index = at % content.length;
        content[index] = (content[index] ?? 0) ^ change;
        let parsed;
        try {
          parsed = parseSecretContent(content);
        } catch {
          return;
        }
        expect(Uint8Array.from(encodeSecretContent(parsed))).toEqual(content);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no value', Buffer.alloc(256)],
    [
      'a block too much',
      Buffer.concat([encodeSecretContent({ salt: Buffer.alloc(32), value: 'x' }), Buffer.alloc(256)]),
    ],
    ['a block too little', encodeSecretContent({ salt: Buffer.alloc(32), value: 'x'.repeat(300) }).subarray(0, 256)],
  ])('is not read out of %s', (_, content) => {
    expect(codeOf(() => parseSecretContent(content))).toBe('SCHEMA');
  });

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(MAX_SECRET_BYTES + 1)],
    ['half a character', '\ud800'],
  ])('is refused %s, and the refusal does not quote it', (_, text) => {
    expect(codeOf(() => encodeSecretContent({ salt: Buffer.alloc(32), value: text }))).toBe('SCHEMA');
  });

  test('shows its length in steps of 256 bytes alone', () => {
    const lengthOf = (length: number) =>
      encodeSecretContent({ salt: Buffer.alloc(32), value: 'x'.repeat(length) }).length;
    expect([4, 64, 222, 223].map(lengthOf)).toEqual([256, 256, 256, 512]);
    expect(lengthOf(MAX_SECRET_BYTES)).toBe(MAX_SECRET_CONTENT_BYTES);
  });

  test('a commitment tells values and salts apart, and is nothing without the salt', () => {
    const first = { salt: Buffer.alloc(32, 1), value: '1234' };
    const others = [
      { ...first, value: '1235' },
      { ...first, salt: Buffer.alloc(32, 2) },
    ];
    expect(commitmentOf(first)).toBe(commitmentOf({ ...first }));
    for (const one of others) expect(commitmentOf(one)).not.toBe(commitmentOf(first));
  });
});

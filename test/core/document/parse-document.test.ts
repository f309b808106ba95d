import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import { MAX_DEPTH, MAX_DOCUMENT_BYTES } from '../../../core/document/limits.ts';
import { parseDocument } from '../../../core/document/parse-document.ts';
import { codeOf } from '../support/code-of.ts';
import { bytesOf, rawProfile, rawResource, utf8 } from '../support/samples.ts';

const bytes = bytesOf(rawResource());
const text = new TextDecoder().decode(bytes);

const refuse = (hostile: string) => codeOf(() => parseDocument(utf8(hostile)));

describe('parseDocument', () => {
  test('reads canonical bytes, fills in defaults and keeps the bytes', () => {
    const parsed = parseDocument(bytes);
    expect(parsed.bytes).toBe(bytes);
    expect(parsed.digest).toBe(digestOf(bytes));
    expect(parsed.document).toMatchObject({
      kind: 'VirtualResource',
      spec: { runtime: { kind: 'views' }, actions: [] },
    });
    expect(parseDocument(bytesOf(rawProfile())).document.kind).toBe('DeviceProfile');
  });

  test('refuses bytes beyond the cap before it looks at them', () => {
    expect(codeOf(() => parseDocument(new Uint8Array(MAX_DOCUMENT_BYTES + 1)))).toBe('ENDLESS_DATA');
    expect(codeOf(() => parseDocument(new Uint8Array(MAX_DOCUMENT_BYTES)))).toBe('SCHEMA');
  });

  test.each([
    ['lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['objects', '{"a":'.repeat(40_000) + '1' + '}'.repeat(40_000)],
    ['one level too many', '['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1)],
  ])('refuses deep nesting without exhausting the stack: %s', (_, hostile) => {
    expect(refuse(hostile)).toBe('TOO_DEEP');
  });

  test('leaves the deepest nesting allowed to the schema', () => {
    expect(refuse('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH))).toBe('SCHEMA');
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'apiVersion: dewproof/v1'],
    ['cut off', text.slice(0, -1)],
    ['trailing bytes', `${text} `],
    ['trailing value', `${text}{}`],
    ['leading byte order mark', `\ufeff${text}`],
    ['spaces', text.replace(',', ', ')],
    ['NUL after the end', `${text}\0`],
    ['duplicate key, same value', text.replace('"version":3', '"version":3,"version":3')],
    ['duplicate key, another value', text.replace('"version":3', '"version":9,"version":3')],
    ['escaped letter', text.replace('"barn-7"', String.raw`"barn\u002d7"`)],
    ['other order', `{"kind":"VirtualResource",${text.slice(1).replace(',"kind":"VirtualResource"', '')}`],
    ['exponent', text.replace('"version":3', '"version":3e0')],
    ['fraction', text.replace('"version":3', '"version":3.0')],
    ['minus zero', text.replace('"version":3', '"version":-0')],
    ['infinity', text.replace('"version":3', '"version":1e400')],
    ['beyond a double', text.replace('"version":3', '"version":9007199254740993')],
    ['__proto__ as a key', text.replace('"version":3', '"__proto__":{"version":9},"version":3')],
    ['__proto__ in labels', text.replace('"name":"barn', '"labels":{"__proto__":"x"},"name":"barn')],
    ['constructor as a key', text.replace('"version":3', '"constructor":{},"version":3')],
    ['lone surrogate, escaped', text.replace('"barn-7"', String.raw`"\ud800"`)],
    ['lone surrogate in a topic', text.replace('barn/7/temperature', String.raw`barn/\udfff`)],
    ['NUL in a topic', text.replace('barn/7/temperature', String.raw`barn/\u0000`)],
  ])('refuses what is not canonical or not a document: %s', (_, hostile) => {
    expect(hostile).not.toBe(text);
    expect(refuse(hostile)).toBe('SCHEMA');
  });

  test('refuses what is not UTF-8: surrogates and overlong forms as bytes', () => {
    for (const hostile of ['eda080', 'c080', 'ff', 'f4908080']) {
      const at = text.indexOf('barn/7');
      const mangled = Buffer.concat([bytes.subarray(0, at), Buffer.from(hostile, 'hex'), bytes.subarray(at)]);
      expect(codeOf(() => parseDocument(mangled))).toBe('SCHEMA');
    }
  });

  test('never reads two different byte strings as one document', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const code = codeOf(() => {
          expect(parseDocument(changed).document).not.toEqual(parseDocument(bytes).document);
        });
        expect([undefined, 'SCHEMA']).toContain(code);
      }),
      { numRuns: 500 },
    );
  });

  test('survives arbitrary bytes with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(codeOf(() => parseDocument(noise))).toBe('SCHEMA');
      }),
    );
  });

  test('leaves no trace on prototypes', () => {
    refuse('{"__proto__":{"polluted":true}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

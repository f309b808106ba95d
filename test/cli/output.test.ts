import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { formatData } from '../../cli/output/print.ts';
import { toPlain } from '../../cli/output/plain.ts';
import { formatRecord } from '../../cli/output/record.ts';
import { formatTable } from '../../cli/output/table.ts';
import { visibleText } from '../../cli/output/visible-text.ts';

describe('visibleText', () => {
  test('lets no control character or bidirectional mark through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visibleText(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  test('leaves plain text as it is', () => {
    expect(visibleText('barn-climate °C ünï')).toBe('barn-climate °C ünï');
    expect(visibleText('\u001b[2Kapproved\u202e')).toBe('\\u001b[2Kapproved\\u202e');
  });
});

describe('toPlain', () => {
  test('writes bigints as decimal strings and leaves absent fields out', () => {
    expect(toPlain({ version: 2n ** 64n - 1n, name: undefined, list: [1n, { a: undefined }] })).toEqual({
      version: '18446744073709551615',
      list: ['1', {}],
    });
  });

  test('refuses what has no stable form', () => {
    expect(() => toPlain({ now: () => 0 })).toThrow(TypeError);
  });
});

describe('formatData', () => {
  test('JSON and YAML say the same, whatever they hold', async () => {
    const value = fc
      .jsonValue({ maxDepth: 3, stringUnit: 'binary' })
      .filter((data) => !JSON.stringify(data).includes('__proto__'));
    await fc.assert(
      fc.asyncProperty(value, async (data) => {
        const [json, yaml] = [await formatData(data, 'json'), await formatData(data, 'yaml')];
        expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(data));
        expect(JSON.stringify(parse(yaml))).toBe(JSON.stringify(data));
        expect(json + yaml).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
      }),
      { examples: [[[{ ' \t$': {} }]], [['\u0007 \u202e', { '\u007f': 'a\tb\n\n c' }]]] },
    );
  });
});

describe('formatTable', () => {
  test('keeps every row on its own line, whatever its cells hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (rows) => {
        const columns = [
          { title: 'A', of: (row: string) => row },
          { title: 'B', of: () => '' },
        ];
        expect(formatTable({ rows, columns }).split('\n')).toHaveLength(rows.length + 2);
      }),
    );
  });

  test('lines columns up under their titles', () => {
    const columns = [
      { title: 'NAME', of: (row: string) => row },
      { title: 'SIZE', of: (row: string) => row.length.toString() },
    ];
    expect(formatTable({ rows: ['a', 'barn-climate'], columns })).toBe(
      'NAME          SIZE\na             1\nbarn-climate  12\n',
    );
  });
});

describe('formatRecord', () => {
  test('puts scalars and short lists on a line and indents the rest', () => {
    const record = { name: 'a', actions: ['read', 'write'], none: [], grants: [{ to: 'anyone', until: 'never' }] };
    expect(formatRecord(record)).toBe(
      'name:    a\nactions: read, write\nnone:    -\ngrants:\n  - to:    anyone\n    until: never\n',
    );
  });
});

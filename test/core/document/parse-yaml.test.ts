import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canonicalBytes } from '../../../core/document/canonical.ts';
import { MAX_DOCUMENT_BYTES } from '../../../core/document/limits.ts';
import { parseDocument } from '../../../core/document/parse-document.ts';
import { parseYamlDocument } from '../../../core/document/parse-yaml.ts';
import { codeOf } from '../support/code-of.ts';

const example = readFileSync(new URL('example.yaml', import.meta.url), 'utf8');

describe('parseYamlDocument', () => {
  test("reads DESIGN's example, whose canonical form is a document again", () => {
    const draft = parseYamlDocument(example);
    expect(parseDocument(canonicalBytes(draft)).document).toEqual(draft);
  });

  test('reads JSON too', () => {
    const draft = parseYamlDocument(example);
    expect(parseYamlDocument(JSON.stringify(draft, null, 2))).toEqual(draft);
  });

  test.each(['a: [', '`a`: b', 'a: 1\na: 2'])('says in one whole sentence where %j is no YAML', (text) => {
    expect(() => parseYamlDocument(text)).toThrow(/ at line \d+, column \d+; correct it there\.$/);
  });

  test('lets a person leave out version and salt', () => {
    const draft = parseYamlDocument(example.replace(/^ {2}(?:version|salt):.*\n/gm, ''));
    expect(draft.spec).toMatchObject({ group: 'barn-7' });
    expect(draft.spec.version).toBeUndefined();
    expect(draft.spec.salt).toBeUndefined();
  });

  test.each([
    ['flow lists', '['.repeat(100_000)],
    ['closed flow lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['flow maps', '{a: '.repeat(50_000)],
    ['block lists', `${'- '.repeat(100_000)}a`],
    ['explicit keys', `${'? '.repeat(100_000)}a`],
    ['indented maps', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['a deep list in a document', example.replace('[wifi]', '['.repeat(20) + ']'.repeat(20))],
  ])('refuses deep nesting without exhausting the stack: %s', (_, hostile) => {
    expect(codeOf(() => parseYamlDocument(hostile))).toBe('TOO_DEEP');
  });

  test('refuses a text beyond the cap, counted in bytes', () => {
    expect(codeOf(() => parseYamlDocument('#'.repeat(MAX_DOCUMENT_BYTES + 1)))).toBe('ENDLESS_DATA');
    expect(codeOf(() => parseYamlDocument(`#${'é'.repeat(MAX_DOCUMENT_BYTES / 2)}`))).toBe('ENDLESS_DATA');
  });

  const laughs = ['a: &a [x, x]', ...Array.from({ length: 8 }, (_, i) => `b${i}: &b${i} [*a, *a]`)].join('\n');

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a billion laughs', laughs],
    ['an alias to itself', 'a: &a [*a]'],
    ['an anchor alone', example.replace('[wifi]', '&net [wifi]')],
    ['an alias', example.replace('[wifi]', '*net')],
    ['a merge key', example.replace('  group: barn-7', '  <<: {group: barn-7}')],
    ['a core tag', example.replace('version: 3', 'version: !!int 3')],
    ['a binary tag', example.replace('barn-7 ', '!!binary YmFybg== ')],
    ['a custom tag', example.replace('barn-7 ', '!include barn-7 ')],
    ['a verbatim tag', example.replace('barn-7 ', '!<tag:yaml.org,2002:js/function> barn-7 ')],
    ['a version directive', `%YAML 1.1\n---\n${example}`],
    ['a tag directive', `%TAG ! tag:x,2000:\n---\n${example}`],
    ['two documents', `${example}\n---\n${example}`],
    ['duplicate keys', example.replace('version: 3', 'version: 3\n  version: 4')],
    ['duplicate keys, one quoted', example.replace('version: 3', 'version: 3\n  "version": 4')],
    ['a list as a key', '? [a]\n: 1'],
    ['__proto__', `__proto__: {polluted: true}\n${example}`],
    ['__proto__ in labels', example.replace('crop: tomato', '__proto__: tomato')],
    ['NUL', example.replace("'barn/7/vent/set'", String.raw`"barn\0/7"`)],
    ['a lone surrogate', example.replace("'barn/7/vent/set'", String.raw`"barn\uD800/7"`)],
    ['a bare tab', `\t${example}`],
    ['infinity', example.replace('version: 3', 'version: .inf')],
    ['not a number', example.replace('version: 3', 'version: .nan')],
    ['a huge number', example.replace('version: 3', 'version: 12345678901234567890')],
    ['a boolean where text is wanted', example.replace('group: barn-7', 'group: true')],
    ['more entries than a list may have', `a:\n${'- x\n'.repeat(2_000)}`],
  ])('refuses %s', (_, hostile) => {
    expect(hostile).not.toBe(example);
    expect(codeOf(() => parseYamlDocument(hostile))).toBe('SCHEMA');
  });

  test('takes words of YAML 1.1 as text, and text that looks like a number as a number', () => {
    expect(codeOf(() => parseYamlDocument(example.replace('group: barn-7', 'group: no')))).toBeUndefined();
    expect(codeOf(() => parseYamlDocument(example.replace('group: barn-7', 'group: 7')))).toBe('SCHEMA');
  });

  test('refuses a lone surrogate even where any text may stand', () => {
    const process = (argument: string) =>
      parseYamlDocument(example.replace('kind: script', `kind: process\n    args: ["${argument}"]`));
    expect(codeOf(() => process('ok'))).toBeUndefined();
    expect(codeOf(() => process(String.raw`\uD800`))).toBe('SCHEMA');
  });

  test('takes keys as they are written', () => {
    const draft = parseYamlDocument(example.replace('crop: tomato', '0x10: tomato'));
    expect(draft.metadata).toMatchObject({ labels: { '0x10': 'tomato' } });
  });

  test('leaves no trace on prototypes', () => {
    codeOf(() => parseYamlDocument('__proto__: {polluted: true}'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

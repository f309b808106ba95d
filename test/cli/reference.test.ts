import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { helpOf, leavesOf, marker, renderReference } from './render-reference.ts';

const file = resolve(import.meta.dirname, '../../docs/cli.md');

test('docs/cli.md says what the help says', async () => {
  const [byHand = ''] = readFileSync(file, 'utf8').split(marker);
  await expect(`${byHand}${renderReference(createProgram())}`).toMatchFileSnapshot(file);
});

describe.each(leavesOf(createProgram()))('$path --help', ({ path, command }) => {
  const help = helpOf(command);

  test('says what it does and shows how', () => {
    expect(command.summary() || path).not.toBe('');
    expect(command.description().length).toBeGreaterThan(20);
    expect(help).toContain('Examples:');
  });

  test('describes every argument and option', () => {
    const parts = [...command.registeredArguments, ...command.options];
    expect(parts.filter(({ description }) => description === '')).toEqual([]);
  });

  test('shows only commands and options that exist', () => {
    const examples = [...help.matchAll(/^ {2}(?:.*\| )?(dewproof .*(?:\\\n.*)*)$/gm)].map(([, line = '']) => line);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const words = example.replaceAll('\\\n', ' ').split(/\s+/).slice(1);
      const known = leavesOf(createProgram()).find(
        ({ path: own }) => words.join(' ').startsWith(own.slice(9)) && own !== 'dewproof',
      );
      const options = known?.command.options.flatMap(({ long, short }) => [long, short]);
      expect(options).toEqual(expect.arrayContaining(words.filter((word) => /^--?[a-z]/i.test(word))));
    }
  });
});

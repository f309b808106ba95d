import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';

// docs/cli.md is made of the help texts, whose examples test/cli/reference.test.ts holds against the commands.
const pages = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter(
  (page) => page.endsWith('.md') && page !== 'docs/cli.md',
);

interface Shown {
  readonly page: string;
  readonly line: string;
  /** In a block to be copied: it has all that it needs. */
  readonly isWhole: boolean;
}

function commandsOf(page: string): readonly Shown[] {
  const text = readFileSync(page, 'utf8');
  const blocks = [...text.matchAll(/^```(?:sh|console)\n([^]*?)^```/gm)].map(([, block = '']) => block);
  const lines = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'));
  const inline = [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  const shownIn = (line: string) => /(?:^|[|(] ?|npx |\$ |sudo -u \S+ )dewproof ((?!"\$)[a-z-].*)$/.exec(line)?.[1];
  return [
    ...lines.map((line) => ({ page, line: shownIn(line), isWhole: true })),
    ...inline.map((line) => ({ page, line: shownIn(line), isWhole: false })),
  ].filter((one): one is Shown => one.line !== undefined);
}

/** The words of a line up to where the shell takes over; what stands in quotes is one word. */
function wordsOf(line: string): readonly string[] {
  const [own = ''] = line.split(/ #| \||\)$| >| &&/);
  return own.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
}

/** What is wrong with a line; undefined where the command line takes it. */
function faultOf({ line, isWhole }: Shown): string | undefined {
  let command: Command = createProgram();
  const globals = command.options;
  const positionals: string[] = [];
  const words = [...wordsOf(line)];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [flag = ''] = word.split('=');
    if (/^--?[a-z]/i.test(word)) {
      const option = [...command.options, ...globals].find(({ long, short }) => long === flag || short === flag);
      if (option === undefined) return `no option ${flag}`;
      if (option.required && !word.includes('=') && words.shift() === undefined) return `${flag} needs a value`;
      continue;
    }
    const child = positionals.length === 0 ? command.commands.find((one) => one.name() === word) : undefined;
    if (child === undefined) positionals.push(word);
    else command = child;
  }
  if (command.parent === null) return 'no command';
  if (!isWhole) return undefined;
  if (command.commands.length > 0) return `${command.name()} needs one of its commands`;
  const known = command.registeredArguments;
  const missing = known.filter(({ required }, index) => required && positionals[index] === undefined);
  if (missing.length > 0) return `lacks ${missing.map((argument) => argument.name()).join(', ')}`;
  if (positionals.length > known.length && known.at(-1)?.variadic !== true) return `too much: ${positionals.join(' ')}`;
  const needed = command.options.filter(
    ({ mandatory, long }) => mandatory && !wordsOf(line).some((one) => one === long),
  );
  return needed.find(({ short }) => !wordsOf(line).some((one) => one === short))?.flags;
}

const shown = pages.flatMap(commandsOf);

test('the pages show commands', () => {
  for (const page of ['README.md', 'docs/operations.md', 'docs/rollout.md', 'docs/receipts.md', 'docs/secrets.md']) {
    expect([page, shown.filter((one) => one.page === page).length > 1]).toEqual([page, true]);
  }
  expect(shown.length).toBeGreaterThan(40);
});

test.each(shown)('$page: dewproof $line', (one) => {
  expect(faultOf(one)).toBeUndefined();
});

test.each([
  ['frobnicate', 'no command'],
  ['rollout', 'rollout needs one of its commands'],
  ['approve', 'lacks name'],
  ['apply --file x', 'no option --file'],
  ['status now', 'too much: now'],
  ['apply', '-f, --filename <path...>'],
])('dewproof %s would be found out', (line, fault) => {
  expect(faultOf({ page: 'this', line, isWhole: true })).toBe(fault);
});

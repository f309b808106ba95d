import type { Command } from 'commander';

/** Where the generated part of docs/cli.md begins. */
export const marker = '<!-- From here on written by `npx vitest run test/cli/reference.test.ts -u`. -->';

/** Every command's help, as Markdown. */
export function renderReference(program: Command): string {
  const sections = leavesOf(program).map(
    ({ path, command }) => `## ${path}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`,
  );
  return `${marker}\n\n${sections.join('\n')}`;
}

/** The commands that do something, with the words that lead to them. */
export function leavesOf(command: Command, path = 'dewproof'): readonly { path: string; command: Command }[] {
  const here = command.parent === null || command.commands.length === 0 ? [{ path, command }] : [];
  return [...here, ...command.commands.flatMap((child) => leavesOf(child, `${path} ${child.name()}`))];
}

/** A command's help as a reader of 100 columns sees it, examples included. */
export function helpOf(command: Command): string {
  let help = '';
  command
    .configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 100, getOutHasColors: () => false })
    .outputHelp();
  return help.replaceAll(/[ \t]+$/gm, '').trim();
}

import type { Command } from 'commander';

/** A line to try, and what it does. */
export type Example = readonly [what: string, line: string];

/** Ends a command's help with lines to try. */
export function addExamples(command: Command, examples: readonly Example[]): Command {
  const lines = examples.map(([what, line]) => `  # ${what}\n  ${line}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n\n')}`);
}

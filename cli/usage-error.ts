import type { CommanderError } from 'commander';

/** A command line that commander could not read, or one that only asked for help (`exitCode` 0). */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitCode: 0 | 64;

  constructor(error: CommanderError, commandPath: string) {
    super(`${withoutPrefix(error.message)}; see \`${commandPath} --help\``);
    this.exitCode = error.exitCode === 0 ? 0 : 64;
    this.isHelp = error.code === 'commander.help';
  }

  /** True where the help itself went to stderr (a group without a verb), so that no message need follow. */
  readonly isHelp: boolean;
}

function withoutPrefix(message: string): string {
  return message
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
}

import type { Command } from 'commander';
import type { Shell } from '../commands/completion.ts';
import { bashCompletion } from '../completion/bash-completion.ts';
import { completionTree, type CompletedCommand } from '../completion/completion-tree.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { zshCompletion } from '../completion/zsh-completion.ts';

const writers: Readonly<Record<Shell, (tree: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Writes a shell's completion of the whole program. */
export function writeCompletion(shell: Shell, program: Command): void {
  process.stdout.write(writers[shell](completionTree(program)));
}

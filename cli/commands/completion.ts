import { Argument, type Command } from 'commander';
import { addExamples } from '../help.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
/** Shells that a completion can be written for. */
export type Shell = (typeof shells)[number];

/** `dewproof completion`: what makes a shell complete this command line. */
export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .summary('write a completion for a shell')
    .description(
      `Write what makes a shell complete commands, options and their choices, made of this very release's own command
line. Load it where the shell starts, or keep it where the shell looks for completions.`,
    )
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action(async (shell: Shell) => {
      const { writeCompletion } = await import('../actions/completion.ts');
      writeCompletion(shell, program);
    });
  addExamples(command, [
    ['In ~/.bashrc', 'source <(dewproof completion bash)'],
    ['In ~/.zshrc, after compinit', 'source <(dewproof completion zsh)'],
    ['For fish, once', 'dewproof completion fish > ~/.config/fish/completions/dewproof.fish'],
  ]);
}

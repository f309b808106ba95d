import { Option, type Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof diff`. */
export interface DiffOptions extends GlobalOptions {
  readonly filename: readonly string[];
}

/** `dewproof diff`: what `apply` would change. */
export function addDiff(program: Command): void {
  const command = program
    .command('diff')
    .summary('show what apply would change')
    .description(
      `Show, as a unified diff of canonical YAML, what \`apply\` would change of the newest version that the ledger holds,
active or proposed; the document itself comes from this home or a dew, by its digest. With \`-o json\` each place that
differs is named by a JSON pointer. Exit code 0 where nothing differs, 2 where something does. What \`apply\` would
refuse, this refuses. A random salt is left out unless a document states it.`,
    )
    .addOption(new Option('-f, --filename <path...>', 'a file, a folder, or - for stdin').makeOptionMandatory())
    .action(async (_, self: Command) => {
      const { diff } = await import('../actions/diff.ts');
      await diff(optionsOf<DiffOptions>(self));
    });
  addExamples(command, [
    ['One document', 'dewproof diff -f barn-climate.yaml'],
    ['In a pipeline: go on only where nothing changed', 'dewproof diff -f sites/north/ && echo up to date'],
    ['As data', 'dewproof diff -f barn-climate.yaml -o json'],
  ]);
}

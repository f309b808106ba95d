import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof anchor inspect`. */
export interface AnchorInspectOptions extends GlobalOptions {
  readonly current?: string;
}

/** `dewproof anchor inspect`. */
export function addAnchorInspect(anchor: Command): void {
  const command = anchor
    .command('inspect')
    .summary('show what an anchor trusts and who signed it')
    .description(
      `Show what a device with this anchor trusts, who may replace it, and which roots signed it. With --current, show
whether a device that has that anchor would take this one; exit code 77 where it would not.`,
    )
    .argument('<file>', 'the anchor')
    .option('--current <file>', 'the anchor that a device has')
    .action(async (file: string, _, self: Command) => {
      const { inspectAnchor } = await import('../actions/anchor-inspect.ts');
      await inspectAnchor(file, optionsOf<AnchorInspectOptions>(self));
    });
  addExamples(command, [
    ['Whom do my devices trust?', 'dewproof anchor inspect /etc/dewproof/edge/anchor.json'],
    ['Did enough roots sign?', 'dewproof anchor inspect anchor-2.json --current anchor-1.json'],
  ]);
}

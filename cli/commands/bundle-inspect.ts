import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

/** `dewproof bundle inspect`. */
export function addBundleInspect(bundle: Command): void {
  const command = bundle
    .command('inspect')
    .summary('show what a bundle claims, unverified')
    .description(
      'Show what a bundle claims, without an anchor: its block, who is said to vouch for it, and which facts it carries. Nothing of it is verified: `bundle verify` does that.',
    )
    .argument('<file>', 'the bundle; `-` reads it from stdin')
    .action(async (file: string, _, self: Command) => {
      const { inspectBundle } = await import('../actions/bundle-inspect.ts');
      await inspectBundle(file, optionsOf<GlobalOptions>(self));
    });
  addExamples(command, [
    ['Why is it refused?', 'dewproof bundle inspect barn-7.bundle'],
    ['Of which block is it?', 'dewproof bundle inspect barn-7.bundle -o json'],
  ]);
}

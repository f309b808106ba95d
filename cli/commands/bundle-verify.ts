import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof bundle verify`. */
export interface BundleVerifyOptions extends GlobalOptions {
  readonly anchor?: string;
  readonly clock: boolean;
}

/** `dewproof bundle verify`. */
export function addBundleVerify(bundle: Command): void {
  const command = bundle
    .command('verify')
    .summary('check a bundle against the anchor, offline')
    .description(
      `Check a bundle against the trust anchor, offline, and print what it proves: as of which block and time, who vouches
for it, and each fact, those that are proved absent too. How old is too old is for the device to judge: look at the
time. Exit code 77 and the refusal's code where it proves nothing.`,
    )
    .argument('<file>', 'the bundle; `-` reads it from stdin')
    .option('--anchor <file>', "the trust anchor, in place of the home's")
    .option('--no-clock', "don't believe this machine's clock: take no block to lie in the future")
    .action(async (file: string, _, self: Command) => {
      const { verifyBundle } = await import('../actions/bundle-verify.ts');
      await verifyBundle(file, optionsOf<BundleVerifyOptions>(self));
    });
  addExamples(command, [
    ['What does this bundle prove?', 'dewproof bundle verify barn-7.bundle'],
    [
      'To a device with this anchor, on a machine without a clock',
      'dewproof bundle verify barn-7.bundle --anchor anchor.json --no-clock',
    ],
  ]);
}

import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof bundle import` and `dewproof anchor import`. */
export interface ImportOptions extends GlobalOptions {
  readonly data?: string;
}

/** `dewproof bundle import`. */
export function addBundleImport(bundle: Command): void {
  const command = bundle
    .command('import')
    .summary('hand a bundle to the edge here')
    .description(
      `Hand a bundle to the edge that runs on this host, which checks it as it would one from a dew, and acts on it at once.
Where none runs, say whether the bundle holds against the home's anchor. Exit code 77 where it is refused.`,
    )
    .argument('<file>', 'the bundle; `-` reads it from stdin')
    .option('--data <folder>', "data folder of the edge, in place of the home's")
    .action(async (file: string, _, self: Command) => {
      const { importBundleFile } = await import('../actions/bundle-import.ts');
      await importBundleFile(file, optionsOf<ImportOptions>(self));
    });
  addExamples(command, [
    ['From a USB stick', 'dewproof bundle import /media/usb/barn-7.bundle --home /etc/dewproof/edge'],
  ]);
}

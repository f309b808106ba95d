import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf } from '../options.ts';
import type { ImportOptions } from './bundle-import.ts';

/** Options of `dewproof anchor import`. */
export interface AnchorImportOptions extends ImportOptions {
  readonly replace?: boolean;
}

/** `dewproof anchor import`. */
export function addAnchorImport(anchor: Command): void {
  const command = anchor
    .command('import')
    .summary('hand a signed anchor to the dew or edge here')
    .description(
      `Hand a signed anchor, or a list of them as \`GET /v1/anchors\` answers it, to the dew or edge that runs on this host. A
dew keeps it and serves it to all devices; an edge goes by it from then on. Each verifies it against its own anchor.
Where nothing runs, say whether it would be taken. With --replace the newest takes the place of the home's own file
too, which is what a host begins with should its data folder be lost. Do so at dews; leave the file of an edge as it is:
what it accepted before a planned change counts by the former anchors that lead from that file on.`,
    )
    .argument('<file>', 'the anchor')
    .option('--data <folder>', "data folder of the dew or edge, in place of the home's")
    .option('--replace', "put it in place of the home's anchor too, where it follows from that")
    .action(async (file: string, _, self: Command) => {
      const { importAnchorFile } = await import('../actions/anchor-import.ts');
      await importAnchorFile(file, optionsOf<AnchorImportOptions>(self));
    });
  addExamples(command, [
    [
      'To a dew, which hands it to its devices',
      'dewproof anchor import anchor-2.json --home /etc/dewproof/dew --replace',
    ],
    [
      'To a device that no network reaches',
      'dewproof anchor import /media/usb/anchor-2.json --home /etc/dewproof/edge',
    ],
  ]);
}

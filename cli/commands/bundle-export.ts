import { Option, type Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import { parseWitnessAddress } from '../bundle/parse-witness-address.ts';
import { addExamples } from '../help.ts';
import { argument, listArgument, optionsOf, parseUrl, type GlobalOptions } from '../options.ts';

/** Options of `dewproof bundle export`. */
export interface BundleExportOptions extends GlobalOptions {
  readonly device: Account;
  readonly anchor?: string;
  readonly url?: string;
  readonly note?: string;
  readonly from?: string;
  readonly witness?: readonly WitnessAddress[];
  readonly force?: boolean;
}

const DEVICE = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8';

/** `dewproof bundle export`. */
export function addBundleExport(bundle: Command): void {
  const command = bundle
    .command('export')
    .summary("write a device's bundle to a file")
    .description(
      `Write what the ledger says of a device to a file, with its proof: the device itself and its group's others, the
group's resources, the grants on them and the members of the roles that they name. The proof is read from a node
(eth_getProof) and checked before it is written, so that the node need not be trusted.

Where the anchor trusts validators, the bundle is of the newest block. Where it trusts witnesses, it is of the highest
block that a quorum of those named with --witness signed, or of that which the note in a file (--note) is about.

Where a contract names the validators, a node proves a change of them only as long as it keeps that block's state: name
an earlier bundle (--from), of whatever device, to go on from the changes that it proves.`,
    )
    .argument('<file>', 'the file to write')
    .requiredOption('--device <account>', 'for which device', argument(parseAccount))
    .option('--anchor <file>', "the device's trust anchor, in place of the home's")
    .option('--url <url>', "the node to ask, in place of the home's", argument(parseUrl))
    .addOption(
      new Option(
        '--witness <name=url...>',
        "witnesses to ask, by their names in the anchor (default: the home's)",
      ).argParser(listArgument(parseWitnessAddress)),
    )
    .addOption(new Option('--note <file>', "the witnesses' signed note on a block").conflicts('witness'))
    .option('--from <file>', 'an earlier bundle, whose changes of the validators need not be proved anew')
    .option('--force', 'replace the file')
    .action(async (file: string, _, self: Command) => {
      const { exportBundle } = await import('../actions/bundle-export.ts');
      await exportBundle(file, optionsOf<BundleExportOptions>(self));
    });
  addExamples(command, [
    [
      'From a QBFT network, to a USB stick',
      `dewproof bundle export /media/usb/barn-7.bundle --device ${DEVICE} \\
    --anchor device-anchor.json --url http://127.0.0.1:8545`,
    ],
    [
      'Of the highest block that two of three witnesses signed',
      `dewproof bundle export barn-7.bundle --device ${DEVICE} --anchor device-anchor.json \\
    --witness north=http://10.0.7.2:8460,south=http://10.0.7.3:8460`,
    ],
    [
      'Of the block that a note in a file is about',
      `dewproof bundle export barn-7.bundle --device ${DEVICE} --anchor device-anchor.json --note block.note`,
    ],
  ]);
}

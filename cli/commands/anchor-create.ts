import { Option, type Command } from 'commander';
import { addAnchorOptions, type AnchorChangeOptions } from '../anchor-options.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, parseWholeNumber } from '../options.ts';

/** Options of `dewproof anchor create`. */
export interface AnchorCreateOptions extends AnchorChangeOptions {
  readonly from?: string;
  readonly version?: number;
}

const KEY = `0x${'6b'.repeat(32)}`;
const ROOTS = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8 0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc';

/** `dewproof anchor create`. */
export function addAnchorCreate(anchor: Command): void {
  const command = anchor
    .command('create')
    .summary("write a tenant's first anchor for devices")
    .description(
      `Write the anchor that a tenant's devices are given when they are set up, made of another anchor of the tenant (by
default the home's, as \`tenant create\` wrote it): the same ledger and registry, with other finality, freshness or
roots. Where it names a block, that is read from a node, which is trusted for it; but where the other anchor trusts
validators, these must lead there by proof, unless you name them yourself.

The roots should be keys of different people, kept off the network. A device takes a newer anchor from afar only
where enough of them signed it; one that names no roots is replaced by hand only.`,
    )
    .argument('<file>', 'the file to write')
    .option('--from <file>', "the anchor to make it of, in place of the home's")
    .addOption(
      new Option('--version <n>', 'its version').argParser(
        argument((text) => parseWholeNumber(text, { min: 1, max: Number.MAX_SAFE_INTEGER })),
      ),
    );
  addAnchorOptions(command).action(async (file: string, _, self: Command) => {
    const { createAnchor } = await import('../actions/anchor-create.ts');
    await createAnchor(file, optionsOf<AnchorCreateOptions>(self));
  });
  addExamples(command, [
    [
      'Devices that trust two of three witnesses; two roots replace it together',
      `dewproof anchor create device-anchor.json --witness north=${KEY} \\
    --witness south=${KEY} --witness west=${KEY} \\
    --root ${ROOTS} --threshold 2`,
    ],
    [
      'Devices that trust the QBFT validators of the newest block',
      `dewproof anchor create device-anchor.json --validators --url http://127.0.0.1:8545 \\
    --root ${ROOTS} --threshold 2 --stale-after 24h --max-staleness 30d`,
    ],
    [
      'Devices that trust the validators whom a contract names',
      `dewproof anchor create device-anchor.json --validator-contract 0x0000000000000000000000000000000000007777 \\
    --validator-slot 0 --url http://127.0.0.1:8545 --root ${ROOTS} --threshold 2`,
    ],
  ]);
}

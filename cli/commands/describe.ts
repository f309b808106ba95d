import { Argument, type Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

const kinds = ['resource', 'device'] as const;
/** What `dewproof describe` can describe. */
export type DescribedKind = (typeof kinds)[number];

/** `dewproof describe`: all that is known of one resource or device. */
export function addDescribe(program: Command): void {
  const command = program
    .command('describe')
    .summary('show all that is known of a resource or a device')
    .description(
      `Show all that the ledger says of one resource (its record, proposals and grants) or device (its standing, roles
and resources), with the document where this home keeps a copy of it. It needs no key.`,
    )
    .addArgument(new Argument('<kind>', 'what it is').choices(kinds))
    .argument('<name|account>', 'name of the resource, or account of the device')
    .action(async (kind: DescribedKind, word: string, _, self: Command) => {
      const { describe } = await import('../actions/describe.ts');
      await describe({ kind, word }, optionsOf<GlobalOptions>(self));
    });
  addExamples(command, [
    ['A resource', 'dewproof describe resource barn-climate'],
    ['A device, as data', 'dewproof describe device 0x70997970c51812dc3a010c7d01b50e0d17dc79c8 -o json'],
  ]);
}

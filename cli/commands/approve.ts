import { Option, type Command } from 'commander';
import { parseDigest, type Digest } from '../../core/digest.ts';
import { parseName, type Name } from '../../core/ids.ts';
import { addExamples } from '../help.ts';
import { argument, listArgument, optionsOf, type GlobalOptions } from '../options.ts';
import { parseVersion } from '../parse-version.ts';

/** Options of `dewproof approve`. */
export interface ApproveOptions extends GlobalOptions {
  readonly version?: bigint;
  readonly digest?: Digest;
  readonly yes?: boolean;
}

/** `dewproof approve`: say yes to what was proposed, by its digest. */
export function addApprove(program: Command): void {
  const command = program
    .command('approve')
    .summary('approve what was proposed')
    .description(
      `Approve what was proposed for resources, all in one transaction. Each document is fetched from a dew, held against
the digest on the ledger and shown, and so is the script that it names, if any; the approval names that digest, so nothing else can become active by it.
Without a terminal it needs --yes, having shown the same.`,
    )
    .argument('<name...>', 'names of the resources', listArgument(parseName))
    .addOption(
      new Option('--version <n>', 'which version; the newest proposed one where left out').argParser(
        argument(parseVersion),
      ),
    )
    .addOption(
      new Option('--digest <digest>', 'which digest, where one version has several').argParser(argument(parseDigest)),
    )
    .option('-y, --yes', 'do not ask')
    .action(async (names: readonly Name[], _, self: Command) => {
      const { approve } = await import('../actions/approve.ts');
      await approve(names, optionsOf<ApproveOptions>(self));
    });
  addExamples(command, [
    ['See it, then say yes', 'dewproof approve barn-climate'],
    ['A whole batch, in a script that read it before', 'dewproof approve barn-climate weather --yes'],
  ]);
}

import { Argument, type Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';
import { tableKinds, type TableKind } from '../rows/table-kinds.ts';

/** `dewproof get`: what the ledger says, as rows. */
export function addGet(program: Command): void {
  const command = program
    .command('get')
    .summary('list what the ledger says')
    .description(
      `List what the ledger says now: resources, proposals, devices, grants, roles (members of policy roles) or
governance (who may change what). NAME picks rows by name, id or account. It needs no key.
Receipts, in which devices say what they started, stopped or refused, are the home's dews' to tell, asked with the home's
key; with -o json they are files that \`dewproof verify --receipt\` takes.
Names are those that this home has met; what it never met shows as a shortened id (whole with -o json).`,
    )
    .addArgument(new Argument('<kind>', 'what to list').choices([...tableKinds, 'receipts']))
    .argument('[name]', 'name, id or account')
    .action(async (kind: TableKind | 'receipts', name: string | undefined, _, self: Command) => {
      if (kind === 'receipts') {
        const { getReceipts } = await import('../actions/get-receipts.ts');
        await getReceipts(name, optionsOf<GlobalOptions>(self));
        return;
      }
      const { get } = await import('../actions/get.ts');
      await get({ kind, name }, optionsOf<GlobalOptions>(self));
    });
  addExamples(command, [
    ['What runs where', 'dewproof get resources'],
    ['What waits for approval', 'dewproof get proposals'],
    ['What devices did with barn-climate', 'dewproof get receipts barn-climate'],
    ['Who may read barn-climate', 'dewproof get grants barn-climate -o json'],
  ]);
}

import { Option, type Command } from 'commander';
import { parseName, type Name } from '../../core/ids.ts';
import { addDaemonOptions, daemonOutput, type DaemonOptions } from '../daemon/daemon-options.ts';
import { dewPorts } from '../daemon/daemon-ports.ts';
import { addExamples } from '../help.ts';
import { listArgument, optionsOf } from '../options.ts';

/** Options of `dewproof dew start`. */
export interface DewStartOptions extends DaemonOptions {
  readonly group?: readonly Name[];
}

/** `dewproof dew start`. */
export function addDewStart(dew: Command): void {
  const command = dew
    .command('start')
    .summary('serve a group of edges until told to stop')
    .description(
      `Serve groups of edges as the home's account: keep the documents that the ledger names, place them on the groups'
devices, and tell the devices of changes. The account must be enrolled as a dew.

${daemonOutput}`,
    );
  addDaemonOptions(command, dewPorts)
    .addOption(new Option('--group <name...>', 'groups that it serves').argParser(listArgument(parseName)))
    .action(async (_, self: Command) => {
      const { startDewDaemon } = await import('../actions/dew-start.ts');
      await startDewDaemon(optionsOf<DewStartOptions>(self));
    });
  addExamples(command, [
    ['As its config.yaml says', 'dewproof dew start --home /etc/dewproof'],
    ['For the whole barn', 'dewproof dew start --host 0.0.0.0 --group barn-7'],
  ]);
}

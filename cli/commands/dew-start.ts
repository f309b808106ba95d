import { Option, type Command } from 'commander';
import { durationMs } from '../../core/document/duration.ts';
import { parseName, type Name } from '../../core/ids.ts';
import { addDaemonOptions, daemonOutput, type DaemonOptions } from '../daemon/daemon-options.ts';
import { dewPorts } from '../daemon/daemon-ports.ts';
import { addExamples } from '../help.ts';
import { argument, listArgument, optionsOf } from '../options.ts';

/** Options of `dewproof dew start`. */
export interface DewStartOptions extends DaemonOptions {
  readonly group?: readonly Name[];
  readonly anchorReceipts?: boolean;
  readonly anchorAfter: number;
}

/** `dewproof dew start`. */
export function addDewStart(dew: Command): void {
  const command = dew
    .command('start')
    .summary('serve a group of edges until told to stop')
    .description(
      `Serve groups of edges as the home's account: keep the documents that the ledger names, place them on the groups'
devices, and tell the devices of changes. The account must be enrolled as a dew.

With --anchor-receipts it also anchors the receipts that devices send it: each 256 of them, or what there is
after --anchor-after, one transaction of its own account, which must be an active device and needs coins on a chain with gas. Whether that works
is said by \`dewproof status\`.

${daemonOutput}`,
    );
  addDaemonOptions(command, dewPorts)
    .addOption(new Option('--group <name...>', 'groups that it serves').argParser(listArgument(parseName)))
    .option('--anchor-receipts', "anchor devices' receipts on the ledger, as the home's account")
    .addOption(
      new Option('--anchor-after <duration>', 'with --anchor-receipts: the longest that a receipt waits')
        .argParser(argument(parseAnchorAfter))
        .default(600_000, '10m'),
    )
    .action(async (_, self: Command) => {
      const { startDewDaemon } = await import('../actions/dew-start.ts');
      await startDewDaemon(optionsOf<DewStartOptions>(self));
    });
  addExamples(command, [
    ['As its config.yaml says', 'dewproof dew start --home /etc/dewproof'],
    ['And timestamp what devices report', 'dewproof dew start --anchor-receipts'],
    ['For the whole barn', 'dewproof dew start --host 0.0.0.0 --group barn-7'],
  ]);
}

/** Each batch costs a transaction: at most one a second. @throws TypeError */
function parseAnchorAfter(text: string): number {
  const afterMs = /^[1-9][0-9]{0,5}(?:s|m|h|d)$/.test(text) ? durationMs(text) : Number.NaN;
  if (afterMs >= 1000 && afterMs <= 2_592_000_000) return afterMs;
  throw new TypeError('Expected a duration from 1s to 30d.');
}

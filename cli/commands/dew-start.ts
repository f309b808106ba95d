import { Option, type Command } from 'commander';
import { durationMs } from '../../core/document/duration.ts';
import { parseName, type Name } from '../../core/ids.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import { parseWitnessAddress } from '../bundle/parse-witness-address.ts';
import { addDaemonOptions, daemonOutput, type DaemonOptions } from '../daemon/daemon-options.ts';
import { dewPorts } from '../daemon/daemon-ports.ts';
import { addExamples } from '../help.ts';
import { argument, listArgument, optionsOf, parseUrl } from '../options.ts';

/** Options of `dewproof dew start`. */
export interface DewStartOptions extends DaemonOptions {
  readonly group?: readonly Name[];
  readonly anchorReceipts?: boolean;
  readonly anchorAfter: number;
  readonly node?: string;
  readonly witness?: readonly WitnessAddress[];
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

Where its anchor trusts validators or witnesses, it also makes a proof bundle for each group after every change and
serves it to anyone at /v1/bundles/{account}, so that edges need no node. It asks a node of its own (--node) for blocks
and proofs, and the witnesses (--witness) for their notes; neither is believed.

It goes by a newer anchor (\`dewproof anchor import\`) at once. Name new witnesses under witnesses in config.yaml first:
that is read anew with each anchor, and every few seconds while it lacks any of them.

${daemonOutput}`,
    );
  addDaemonOptions(command, dewPorts)
    .addOption(new Option('--group <name...>', 'groups that it serves').argParser(listArgument(parseName)))
    .option('--node <url>', "the node to ask, where the anchor names none (default: the home's)", argument(parseUrl))
    .addOption(
      new Option('--witness <name=url...>', "where the anchor's witnesses answer (default: the home's)").argParser(
        listArgument(parseWitnessAddress),
      ),
    )
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
    [
      'With an anchor of three witnesses',
      `dewproof dew start --node http://127.0.0.1:8545 \\
    --witness north=http://10.0.7.2:8460,south=http://10.0.7.3:8460`,
    ],
    ['For the whole barn', 'dewproof dew start --host 0.0.0.0 --group barn-7'],
  ]);
}

/** Each batch costs a transaction: at most one a second. @throws TypeError */
function parseAnchorAfter(text: string): number {
  const afterMs = /^[1-9][0-9]{0,5}(?:s|m|h|d)$/.test(text) ? durationMs(text) : Number.NaN;
  if (afterMs >= 1000 && afterMs <= 2_592_000_000) return afterMs;
  throw new TypeError('Expected a duration from 1s to 30d.');
}

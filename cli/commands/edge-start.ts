import { Option, type Command } from 'commander';
import { parseName, type Name } from '../../core/ids.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import { parseWitnessAddress } from '../bundle/parse-witness-address.ts';
import { addDaemonOptions, daemonOutput, type DaemonOptions } from '../daemon/daemon-options.ts';
import { edgePorts } from '../daemon/daemon-ports.ts';
import { addExamples } from '../help.ts';
import { parseDuration } from '../witness-options.ts';
import { argument, listArgument, optionsOf, parseMqttUrl, parseServerUrl } from '../options.ts';

/** Options of `dewproof edge start`. */
export interface EdgeStartOptions extends DaemonOptions {
  readonly mqttUrl?: string;
  readonly hints?: readonly string[];
  readonly dew?: readonly string[];
  readonly peer?: readonly string[];
  readonly witness?: readonly WitnessAddress[];
  readonly every?: string;
  readonly group?: Name;
}

/** `dewproof edge start`. */
export function addEdgeStart(edge: Command): void {
  const command = edge
    .command('start')
    .summary('run approved resources until told to stop')
    .description(
      `Run, as the home's account, what the ledger approved for this device, and serve its views to whom the ledger's
policies allow. It starts with neither chain nor dew in reach, from what it verified before. Where its anchor trusts
witnesses or validators it never speaks to a chain: dew servers and other edges hand it proofs, which it checks.

${daemonOutput}`,
    );
  addDaemonOptions(command, edgePorts)
    .addOption(
      new Option('--mqtt-url <url>', 'a broker beside it, instead of its own')
        .argParser(argument(parseMqttUrl))
        .conflicts('mqttPort'),
    )
    .addOption(
      new Option('--dew <url...>', 'dew servers, the first tried first').argParser(listArgument(parseServerUrl)),
    )
    .addOption(
      new Option('--peer <url...>', 'other edges of the group, which tell what a dew server keeps back').argParser(
        listArgument(parseServerUrl),
      ),
    )
    .addOption(
      new Option(
        '--witness <name=url...>',
        'where witnesses that sign the time answer, beside the dews, which ask them too',
      ).argParser(listArgument(parseWitnessAddress)),
    )
    .addOption(
      new Option('--hints <url...>', "the dews' brokers, to learn of news at once").argParser(
        listArgument(parseMqttUrl),
      ),
    )
    .addOption(
      new Option('--every <duration>', 'how often it asks them, hints apart (default: 10s)').argParser(
        argument(parseDuration({ minMs: 100 })),
      ),
    )
    .addOption(new Option('--group <name>', 'the group that it belongs to').argParser(argument(parseName)))
    .action(async (_, self: Command) => {
      const { startEdgeDaemon } = await import('../actions/edge-start.ts');
      await startEdgeDaemon(optionsOf<EdgeStartOptions>(self));
    });
  addExamples(command, [
    ['As its config.yaml says', 'dewproof edge start --home /etc/dewproof'],
    [
      'By hand, with a dew and for the whole network',
      'dewproof edge start --host 0.0.0.0 --group barn-7 --dew http://dew.local:8470',
    ],
  ]);
}

import { Option, type Command } from 'commander';
import { addMetricsOptions, type MetricsOptions } from '../daemon/metrics-options.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, parseWholeNumber, type GlobalOptions } from '../options.ts';
import { addWitnessOptions, parseDuration, type WitnessOptions } from '../witness-options.ts';

/** Options of `dewproof witness start`. */
export interface WitnessStartOptions extends GlobalOptions, WitnessOptions, MetricsOptions {
  readonly every?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: number;
  readonly logLevel: string;
}

/** `dewproof witness start`. */
export function addWitnessStart(witness: Command): void {
  const command = witness
    .command('start')
    .summary('sign blocks of its own node until told to stop')
    .description(
      `Follow the operator's own node, sign each block once enough others stand on it, and serve the signed notes to
anyone: GET /v1/notes/latest, GET /v1/notes/{height}, POST /v1/nonces. A device believes a block that two thirds of
the witnesses in its anchor signed.

It never signs two blocks of one height: what it signs is on disk before the signature exists. Where its node's
chain loses a block that it signed, it refuses with EQUIVOCATION, keeps the evidence (\`dewproof status\`) and signs
again only once the node's chain contains that block.

When it serves, it prints one line of JSON on stdout: {"ready":true,"url":…,"witness":{"name":…,"publicKey":…}}, with
"metricsUrl" where --metrics-port is given. Its log, JSON lines, goes to stderr. SIGINT and SIGTERM end it in order, a second one at once.`,
    );
  const options = addWitnessOptions(command)
    .addOption(
      new Option('--every <duration>', 'how often it looks at its node (default: 1s)').argParser(
        argument(parseDuration({ minMs: 50 })),
      ),
    )
    .option('--data <folder>', "where its records are (default: the home's data)")
    .option('--host <address>', 'where it listens; 0.0.0.0 for the whole network (default: 127.0.0.1)')
    .addOption(
      new Option('--port <n>', 'HTTP port, 0 for any (default: 8460)').argParser(
        argument((text) => parseWholeNumber(text, { min: 0, max: 65_535 })),
      ),
    );
  addMetricsOptions(options)
    .addOption(
      new Option('--log-level <level>', 'how much it logs')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .action(async (_, self: Command) => {
      const { startWitnessDaemon } = await import('../actions/witness-start.ts');
      await startWitnessDaemon(optionsOf<WitnessStartOptions>(self));
    });
  addExamples(command, [
    ['As its config.yaml says', 'dewproof witness start --home /etc/dewproof-witness'],
    [
      'For the whole network, of a chain that may lose six blocks',
      'dewproof witness start --host 0.0.0.0 --node http://127.0.0.1:8545 --confirmations 6',
    ],
  ]);
}

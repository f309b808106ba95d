import { Option, type Command } from 'commander';
import { argument, listArgument, parseWholeNumber, type GlobalOptions } from '../options.ts';
import { addMetricsOptions, type MetricsOptions } from './metrics-options.ts';

/** Options that both daemons have; each goes over what `config.yaml` says. */
export interface DaemonOptions extends GlobalOptions, MetricsOptions {
  readonly data?: string;
  readonly host?: string;
  readonly port?: number;
  readonly mqttPort?: number;
  readonly anchor?: string;
  readonly authority?: readonly string[];
  readonly logLevel: string;
}

/** What both daemons' help says of their output. */
export const daemonOutput = `When it serves, it prints one line of JSON on stdout: {"ready":true,"url":…,"mqttUrl":…,"account":…}, with
"metricsUrl" where --metrics-port is given. Its log, JSON lines,
goes to stderr. SIGINT and SIGTERM end it in order, a second one at once.`;

/** Adds the options that both daemons have. */
export function addDaemonOptions(
  command: Command,
  defaults: { readonly port: number; readonly mqttPort: number },
): Command {
  const port = argument((text) => parseWholeNumber(text, { min: 0, max: 65_535 }));
  command
    .option('--data <folder>', "where it keeps what it must not forget (default: the home's data)")
    .option('--host <address>', 'where it listens; 0.0.0.0 for the whole network (default: 127.0.0.1)')
    .addOption(new Option('--port <n>', `HTTP port, 0 for any (default: ${defaults.port})`).argParser(port))
    .addOption(
      new Option('--mqtt-port <n>', `its broker's port, 0 for any (default: ${defaults.mqttPort})`).argParser(port),
    )
    .option('--anchor <file>', "the trust anchor (default: the home's)")
    .addOption(
      new Option('--authority <host:port...>', 'names that callers know it by, beside its own addresses').argParser(
        listArgument(parseAuthority),
      ),
    );
  return addMetricsOptions(command).addOption(
    new Option('--log-level <level>', 'how much it logs')
      .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
      .default('info'),
  );
}

/** What a signed call says whom it is for: a host, and a port where it is not 80. */
function parseAuthority(text: string): string {
  const url = URL.parse(`http://${text}`);
  if (url !== null && url.host === text.toLowerCase()) return url.host;
  throw new TypeError('Expected a host and port as in barn-7.local:8480.');
}

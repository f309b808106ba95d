import { Option, type Command } from 'commander';
import { DewproofError } from '../../core/errors.ts';
import type { MetricsListener } from '../../platform/metrics/metrics-routes.ts';
import type { HomeConfig } from '../home/config.ts';
import { argument, parseWholeNumber } from '../options.ts';

/** Where a daemon serves its metrics unsigned; both go over what `config.yaml` says. */
export interface MetricsOptions {
  readonly metricsPort?: number;
  readonly metricsHost?: string;
}

/** Adds the options that say where metrics are served. */
export function addMetricsOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--metrics-port <n>',
        'also serve /metrics here, unsigned, 0 for any port (default: nowhere)',
      ).argParser(argument((text) => parseWholeNumber(text, { min: 0, max: 65_535 }))),
    )
    .option('--metrics-host <address>', 'where that listens; whoever reaches it reads it (default: 127.0.0.1)');
}

/**
 * Where metrics are served; undefined where nowhere. A host without a port would be taken for a listener that is not
 * there. @throws USAGE
 */
export function metricsOf(options: MetricsOptions, config: HomeConfig['daemon']): MetricsListener | undefined {
  const port = options.metricsPort ?? config.metricsPort;
  if (port !== undefined) return { host: options.metricsHost ?? config.metricsHost, port };
  if (options.metricsHost === undefined) return undefined;
  throw new DewproofError('USAGE', '--metrics-host says where, --metrics-port that metrics are served; give both.');
}

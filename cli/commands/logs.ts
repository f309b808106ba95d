import { Option, type Command } from 'commander';
import { durationMs } from '../../core/document/duration.ts';
import { isName } from '../../core/ids.ts';
import { logLevels, type LogLevel } from '../../platform/control/log-stream.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, parseWholeNumber, type GlobalOptions } from '../options.ts';

/** Since when: so long ago, or a moment in Unix milliseconds. */
export type Since = { readonly agoMs: number } | { readonly atMs: number };

/** Options of `dewproof logs`. */
export interface LogsOptions extends GlobalOptions {
  readonly data?: string;
  readonly follow?: boolean;
  readonly since?: Since;
  readonly level?: LogLevel;
  readonly lines?: number;
}

/** `dewproof logs`: what a running daemon logged. */
export function addLogs(program: Command): void {
  const command = program
    .command('logs')
    .summary('show what the daemon of a data folder logged')
    .description(
      `Ask the edge or dew that runs on a data folder for the newest entries of its log (it keeps about 5,000 of them, at
most 2 MiB), all or those about one resource. What a resource's script prints is among them. The log of a daemon that
ended is wherever its stderr went, as in \`journalctl -u dewproof-edge\`. With \`-o json\` each entry is a line of JSON.
Control characters are shown as \\u001b, never sent to your terminal.`,
    )
    .argument('[tenant/name]', 'only about this resource; its name alone will do', argument(parseResource))
    .option('-f, --follow', 'go on with what is logged from now on, until Ctrl-C')
    .addOption(
      new Option('--since <when>', 'a duration (10m) or a moment (2031-01-31T18:00:00Z)').argParser(
        argument(parseSince),
      ),
    )
    .addOption(new Option('--level <level>', 'only entries as grave as this').choices(Object.keys(logLevels)))
    .addOption(
      new Option('--lines <n>', 'only the newest of those that there are').argParser(
        argument((text) => parseWholeNumber(text, { min: 0, max: 1_000_000 })),
      ),
    )
    .option('--data <folder>', "the daemon's data folder; the home's where left out")
    .action(async (resource: string | undefined, _, self: Command) => {
      const { showLogs } = await import('../actions/logs.ts');
      await showLogs(resource, optionsOf<LogsOptions>(self));
    });
  addExamples(command, [
    ['Warnings and errors of the last hour', 'dewproof logs --since 1h --level warn'],
    ['Follow one resource, its last ten lines first', 'dewproof logs -f barn-climate --lines 10'],
    ['As data', 'dewproof logs greenfields/barn-climate -o json'],
  ]);
}

/** Parses `name` or `tenant/name`. @throws TypeError */
export function parseResource(text: string): string {
  const parts = text.split('/');
  if (parts.length <= 2 && parts.every(isName)) return text;
  throw new TypeError('Expected a resource as in barn-climate or greenfields/barn-climate.');
}

/** Parses a duration (`10m`) or a moment (RFC 3339). @throws TypeError, SCHEMA */
export function parseSince(text: string): Since {
  if (/^\d+[a-z]+$/.test(text)) return { agoMs: durationMs(text) };
  const atMs = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(atMs) && atMs >= 0) return { atMs };
  throw new TypeError('Expected a duration as in 10m, or a moment as in 2031-01-31T18:00:00Z.');
}

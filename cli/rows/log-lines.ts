import { logLevels } from '../../platform/control/log-stream.ts';
import type { LogEntry } from '../../platform/log-ring.ts';
import { formatData, type OutputFormat } from '../output/print.ts';
import { visibleText } from '../output/visible-text.ts';

// What stands elsewhere in the line, or is the same in all lines.
const shownElsewhere = ['time', 'level', 'msg', 'resource', 'seq', 'name', 'pid', 'hostname'];

/**
 * A log entry for stdout. In a table: moment, level, resource (`-` where there is none), message, then what else it
 * says. JSON is one line an entry, and YAML one item an entry, so that both can be read while they grow.
 */
export async function formatLogEntry(entry: LogEntry, format: OutputFormat): Promise<string> {
  const fields = Object.fromEntries(Object.entries(entry).filter(([name]) => name !== 'seq'));
  if (format === 'json') return `${visibleText(JSON.stringify(fields))}\n`;
  if (format === 'yaml') return formatData([fields], 'yaml');
  const { time, level, resource = '-', msg } = entry;
  const line = [new Date(time).toISOString(), levelName(level).padEnd(5), resource, msg, ...detailsOf(entry)];
  return `${visibleText(line.filter((part) => part !== '').join('  '))}\n`;
}

/** The gravest of our names that a number reaches. */
function levelName(level: number): string {
  const reached = Object.entries(logLevels).filter(([, number]) => number <= level);
  return (reached.at(-1)?.[0] ?? 'trace').toUpperCase();
}

function detailsOf(entry: LogEntry): readonly string[] {
  return Object.entries(entry)
    .filter(([name, value]) => !shownElsewhere.includes(name) && value !== undefined)
    .map(([name, value]) => `${name}=${showDetail(value)}`);
}

function showDetail(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  if (isError(value)) return JSON.stringify(value.message);
  return JSON.stringify(value);
}

/** An error as pino writes it, whose stack is for JSON. */
function isError(value: unknown): value is { readonly message: string } {
  return typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;
}

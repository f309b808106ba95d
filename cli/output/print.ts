import { formatTable, type Column } from './table.ts';
import { toPlain } from './plain.ts';
import { formatRecord } from './record.ts';
import { hasUnseen, visibleText } from './visible-text.ts';

/** How a command's data is written on stdout. */
export const outputFormats = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Prints a list: one row each in a table, one array in JSON and YAML. */
export async function printRows<Row>(input: {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly format: OutputFormat;
}): Promise<void> {
  const { rows, format } = input;
  process.stdout.write(format === 'table' ? formatTable(input) : await formatData(rows, format));
}

/** Prints one thing: a line for each field in a table (nested ones indented), one object in JSON and YAML. */
export async function printRecord(record: object, format: OutputFormat): Promise<void> {
  process.stdout.write(format === 'table' ? formatRecord(toPlain(record)) : await formatData(record, format));
}

/** Data as text, for stdout or to be read beside a question; only lines' ends are control characters in it. */
export async function formatData(value: unknown, format: 'json' | 'yaml'): Promise<string> {
  const plain = toPlain(value);
  const json = JSON.stringify(plain, undefined, 2);
  if (format === 'json') return `${visibleLines(json)}\n`;
  const { stringify } = await import('yaml');
  // yaml 2.9.1 loses the first line's end of some block scalars (the string "\n ?").
  const options = { lineWidth: 0, aliasDuplicateObjects: false, blockQuote: false } as const;
  const text = stringify(plain, options);
  if (!text.split('\n').some(hasUnseen)) return text;
  // Only between double quotes does YAML read an escape as one.
  return visibleLines(stringify(plain, { ...options, defaultStringType: 'QUOTE_DOUBLE' }));
}

function visibleLines(text: string): string {
  return text.split('\n').map(visibleText).join('\n');
}

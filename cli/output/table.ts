import { styleText } from 'node:util';
import { visibleText } from './visible-text.ts';

/** A column of a table; `of` gives a cell's text, empty where there is nothing to say. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
}

/** Lays rows out in columns two spaces apart, never truncated: what is printed can be cut, grepped and pasted. */
export function formatTable<Row>(input: {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
}): string {
  const titles = input.columns.map(({ title }) => title);
  const lines = input.rows.map((row) => input.columns.map(({ of }) => visibleText(of(row)) || '-'));
  const widths = titles.map((title, index) => Math.max(title.length, ...lines.map((line) => line[index]?.length ?? 0)));
  const lay = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [styleText('bold', lay(titles)), ...lines.map(lay)].map((line) => `${line}\n`).join('');
}

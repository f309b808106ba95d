import type { View } from '../../core/document/schema.ts';
import { sourcesOf } from '../../core/document/view-schema.ts';
import type { JoinedWindowJson, ReadingJson, ViewAnswer, WindowJson } from '../hosts/view-answer.ts';

type Cell = string | number | boolean | null | undefined;

/** What a spreadsheet may take for a formula where a text begins with it (OWASP, CSV injection), full-width forms too. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠']/u;

/**
 * A view's answer as CSV (RFC 4180, lines end in CRLF) with a header row. Null is an empty field, an empty text is
 * `""`. A text that a spreadsheet may take for a formula, or that begins with an apostrophe itself, gets one in front.
 */
export function csvOf(view: View, answer: ViewAnswer): string {
  return tableOf(view, answer)
    .map((row) => `${row.map(fieldOf).join(',')}\r\n`)
    .join('');
}

function tableOf(view: View, answer: ViewAnswer): readonly (readonly Cell[])[] {
  if ('latest' in answer) {
    const inputs = sourcesOf(view);
    const cells = inputs.flatMap((input) => readingCells(answer.latest[input] ?? null));
    return [inputs.flatMap((input) => [`${input}.time`, `${input}.value`]), cells];
  }
  if ('windows' in answer && 'window' in view) {
    const zone = view.timezone === undefined ? [] : ['offset'];
    return [
      ['from', 'to', ...zone, ...columnsOf(view)],
      ...answer.windows.map((row) => windowCells(row, { view, zone })),
    ];
  }
  const readings =
    'readings' in answer ? answer.readings : 'reading' in answer && answer.reading ? [answer.reading] : [];
  return [['time', 'value'], ...readings.map(readingCells)];
}

type WindowView = Extract<View, { readonly window: string }>;

/** Ids have no dots: what stands before one is the input. */
function columnsOf(view: WindowView): readonly string[] {
  if (!('join' in view)) return view.aggregate;
  return view.join.flatMap((input) => view.aggregate.map((name) => `${input}.${name}`));
}

function windowCells(
  row: WindowJson | JoinedWindowJson,
  { view, zone }: { readonly view: WindowView; readonly zone: readonly string[] },
): readonly Cell[] {
  const reductions = 'join' in view ? view.join.map((input) => (row as JoinedWindowJson).values[input]) : [row];
  const values = reductions.flatMap((one) =>
    view.aggregate.map((name) => (one as WindowJson | null | undefined)?.[name]),
  );
  return [row.from, row.to, ...zone.map(() => row.offset), ...values];
}

function readingCells(reading: ReadingJson | null): readonly Cell[] {
  const { time, value } = reading ?? {};
  return [time, typeof value === 'string' && FORMULA.test(value) ? `'${value}` : value];
}

function fieldOf(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

import type { Plain } from './plain.ts';
import { visibleText } from './visible-text.ts';

/** Lays one thing out for people: a line for each field, what is inside it indented below. */
export function formatRecord(record: Plain): string {
  return linesOf(record)
    .map((line) => `${line}\n`)
    .join('');
}

function linesOf(value: Plain): readonly string[] {
  if (typeof value !== 'object' || value === null) return [showScalar(value)];
  if (isList(value)) return value.flatMap((item) => itemLines(item));
  const fields = Object.entries(value);
  const width = Math.max(0, ...fields.filter(([, field]) => !isNested(field)).map(([key]) => key.length));
  return fields.flatMap(([key, field]) => fieldLines(visibleText(key), { field, width }));
}

function fieldLines(key: string, { field, width }: { field: Plain; width: number }): readonly string[] {
  if (!isNested(field)) return [`${`${key}:`.padEnd(width + 2)}${inline(field)}`.trimEnd()];
  return [`${key}:`, ...linesOf(field).map((line) => `  ${line}`)];
}

function itemLines(item: Plain): readonly string[] {
  return linesOf(item).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`);
}

/** Lists of scalars fit on a line. */
function isNested(value: Plain): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isList(value) ? value.some((item) => typeof item === 'object') : Object.keys(value).length > 0;
}

function inline(value: Plain): string {
  if (typeof value !== 'object' || value === null) return showScalar(value);
  return isList(value) && value.length > 0 ? value.map(inline).join(', ') : '-';
}

function showScalar(value: string | number | boolean | null): string {
  return value === null ? '-' : visibleText(value.toString());
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

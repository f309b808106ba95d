/** One printed figure. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB' | 'B' | '1/s' | 'x';
  /** How it was measured, in a few words. */
  readonly how: string;
}

/** Prints figures as a Markdown table, so that a run can be pasted into docs/performance.md as it is. */
export function printFigures(title: string, figures: readonly Figure[]): void {
  console.log(`\n### ${title}\n\n| what | value | how |\n|---|---:|---|`);
  for (const { what, value, unit, how } of figures) console.log(`| ${what} | ${format(value)} ${unit} | ${how} |`);
}

function format(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

import { diffLines, type DiffLine } from './line-diff.ts';

const CONTEXT_LINES = 3;
const signs = { same: ' ', removed: '-', added: '+' } as const;

/** A text and what stands above it in a diff. */
export interface DiffSide {
  readonly label: string;
  /** Without line ends. */
  readonly lines: readonly string[];
}

/** Two texts as a unified diff (as `diff -u` and `patch` have it), without its last line end; empty where they are the same. */
export function unifiedDiff({
  before,
  after,
}: {
  readonly before: DiffSide;
  readonly after: DiffSide;
}): readonly string[] {
  const lines = diffLines({ before: before.lines, after: after.lines });
  const hunks = hunksOf(lines);
  if (hunks.length === 0) return [];
  return [`--- ${before.label}`, `+++ ${after.label}`, ...hunks.flatMap((hunk) => showHunk(lines, hunk))];
}

/** From one line of the diff up to, not including, another. */
interface Hunk {
  readonly from: number;
  readonly to: number;
}

function hunksOf(lines: readonly DiffLine[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue;
    const from = Math.max(0, index - CONTEXT_LINES);
    const to = Math.min(lines.length, index + 1 + CONTEXT_LINES);
    const last = hunks.at(-1);
    if (last !== undefined && from <= last.to) hunks[hunks.length - 1] = { from: last.from, to };
    else hunks.push({ from, to });
  }
  return hunks;
}

function showHunk(lines: readonly DiffLine[], { from, to }: Hunk): readonly string[] {
  const count = (part: readonly DiffLine[], without: DiffLine['kind']) =>
    part.filter(({ kind }) => kind !== without).length;
  const range = (without: DiffLine['kind']) => {
    const length = count(lines.slice(from, to), without);
    const begin = count(lines.slice(0, from), without) + (length === 0 ? 0 : 1);
    return length === 1 ? `${begin}` : `${begin},${length}`;
  };
  return [
    `@@ -${range('added')} +${range('removed')} @@`,
    ...lines.slice(from, to).map(({ kind, text }) => `${signs[kind]}${text}`),
  ];
}

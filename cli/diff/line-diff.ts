/** One line of two texts: in both, only in the first, or only in the second. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

// Work and memory grow with the square of it; texts that differ more are shown as replaced.
const MAX_EDITS = 1000;

/** The shortest way from one list of lines to another (E. W. Myers, An O(ND) Difference Algorithm, 1986). */
export function diffLines({
  before,
  after,
}: {
  readonly before: readonly string[];
  readonly after: readonly string[];
}): readonly DiffLine[] {
  const first = before.findIndex((line, index) => line !== after[index]);
  const head = first === -1 ? Math.min(before.length, after.length) : Math.min(first, after.length);
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const middle = {
    before: before.slice(head, before.length - tail),
    after: after.slice(head, after.length - tail),
  };
  return [
    ...before.slice(0, head).map(same),
    ...(shortest(middle) ?? [...middle.before.map(removed), ...middle.after.map(added)]),
    ...before.slice(before.length - tail).map(same),
  ];
}

interface Sides {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Furthest reach (lines of `before` done) on each diagonal, by the number of edits; undefined beyond `MAX_EDITS`. */
function shortest({ before, after }: Sides): readonly DiffLine[] | undefined {
  let reach = new Map<number, number>([[1, 0]]);
  const steps: ReadonlyMap<number, number>[] = [];
  for (let edits = 0; edits <= Math.min(before.length + after.length, MAX_EDITS); edits += 1) {
    steps.push(reach);
    const next = new Map(reach);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let done = isDown(reach, { diagonal, edits })
        ? (reach.get(diagonal + 1) ?? 0)
        : (reach.get(diagonal - 1) ?? 0) + 1;
      while (done < before.length && done - diagonal < after.length && before[done] === after[done - diagonal])
        done += 1;
      next.set(diagonal, done);
      if (done >= before.length && done - diagonal >= after.length) return walkBack({ before, after }, steps);
    }
    reach = next;
  }
  return undefined;
}

function isDown(reach: ReadonlyMap<number, number>, { diagonal, edits }: { diagonal: number; edits: number }): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && (reach.get(diagonal - 1) ?? 0) < (reach.get(diagonal + 1) ?? 0);
}

function walkBack({ before, after }: Sides, steps: readonly ReadonlyMap<number, number>[]): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let [x, y] = [before.length, after.length];
  for (let edits = steps.length - 1; edits >= 0; edits -= 1) {
    const reach = steps[edits] ?? new Map<number, number>();
    const diagonal = x - y;
    const previous = isDown(reach, { diagonal, edits }) ? diagonal + 1 : diagonal - 1;
    const fromX = reach.get(previous) ?? 0;
    const fromY = fromX - previous;
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      x -= 1;
      y -= 1;
      lines.push(same(before[x] ?? ''));
    }
    if (edits === 0) break;
    lines.push(previous === diagonal + 1 ? added(after[fromY] ?? '') : removed(before[fromX] ?? ''));
    [x, y] = [fromX, fromY];
  }
  return lines.reverse();
}

const same = (text: string): DiffLine => ({ kind: 'same', text });
const removed = (text: string): DiffLine => ({ kind: 'removed', text });
const added = (text: string): DiffLine => ({ kind: 'added', text });

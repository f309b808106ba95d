import type { Name } from '../../core/ids.ts';

const MOST = 3;

/** A sentence with the known names that one may have meant by `word`, a blank before it; empty where none is like it. */
export function didYouMean(word: string, known: readonly Name[]): string {
  const most = Math.max(1, Math.floor(word.length / 4));
  const similar = known
    .filter((name) => name !== word)
    .map((name) => ({ name, edits: name.startsWith(word) || name.endsWith(word) ? 0 : editsBetween([word, name]) }))
    .filter(({ edits }) => edits <= most)
    .toSorted((first, second) => first.edits - second.edits)
    .slice(0, MOST);
  return similar.length === 0 ? '' : ` Did you mean ${similar.map(({ name }) => name).join(' or ')}?`;
}

/** How many letters must be put in, left out, changed or swapped with the next one (optimal string alignment). */
function editsBetween([from, to]: readonly [string, string]): number {
  let [before, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? (before[column - 2] ?? 0) + 1 : Infinity;
      const edits = [(last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + cost, swapped];
      next.push(Math.min(...edits));
    }
    [before, last] = [last, next];
  }
  return last[to.length] ?? 0;
}

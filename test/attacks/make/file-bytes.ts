import type { FiledBytes } from '../vector.ts';

interface Edit {
  readonly at: number;
  readonly delete?: number;
  readonly insert?: string;
  readonly times?: number;
}

/** Shorter matches cost more to say than they save. */
const WINDOW = 12;
const RUN = 32;
/** A seal of 65 bytes in RLP, then one byte: a seal of zeros is a run itself. */
const PERIODS = [67, 1];

/** Says bytes by their edits of whichever base needs the fewest characters, or by themselves. */
export function fileBytes(bytes: Uint8Array, bases: Readonly<Record<string, string>>): FiledBytes {
  const bare: FiledBytes = bytes.length === 0 ? { edits: [] } : { edits: [...insertions(0, bytes)] };
  const ways = Object.entries(bases).map(([base, hex]): FiledBytes => {
    return { base, edits: [...editsOf(indexed(hex), bytes)] };
  });
  return [bare, ...ways].reduce((best, one) => (JSON.stringify(one).length < JSON.stringify(best).length ? one : best));
}

interface Indexed {
  readonly base: Uint8Array;
  /** Where each window of its bytes stands. */
  readonly places: ReadonlyMap<string, readonly number[]>;
}

const indexes = new Map<string, Indexed>();

function indexed(hex: string): Indexed {
  const base = new Uint8Array(Buffer.from(hex, 'hex'));
  const index = indexes.get(hex) ?? { base, places: placesOf(base) };
  indexes.set(hex, index);
  return index;
}

/** What makes `target` of `base`, going through both once. */
function editsOf({ base, places }: Indexed, target: Uint8Array): readonly Edit[] {
  const edits: Edit[] = [];
  let from = 0;
  let to = 0;
  while (from < base.length || to < target.length) {
    if (from < base.length && base[from] === target[to]) {
      from += 1;
      to += 1;
      continue;
    }
    const next = nextMatch({ places, from, to }, { base, target });
    edits.push(...insertions(from, target.subarray(to, next.to)));
    if (next.from > from) edits.push({ at: from, delete: next.from - from });
    from = next.from;
    to = next.to;
  }
  return edits;
}

/** Long runs of one byte, or of one seal, are said by their length. */
function insertions(at: number, bytes: Uint8Array): readonly Edit[] {
  const edits: Edit[] = [];
  let plain = 0;
  for (let start = 0; start < bytes.length;) {
    const { unit, times } = runAt(bytes, start);
    if (times === 1) {
      start += 1;
      continue;
    }
    if (start > plain) edits.push({ at, insert: hexOf(bytes.subarray(plain, start)) });
    edits.push({ at, insert: hexOf(unit), times });
    start += unit.length * times;
    plain = start;
  }
  if (plain < bytes.length) edits.push({ at, insert: hexOf(bytes.subarray(plain)) });
  return edits;
}

/** What is repeated from `start` on, for so long that saying so is shorter. */
function runAt(bytes: Uint8Array, start: number): { readonly unit: Uint8Array; readonly times: number } {
  for (const period of PERIODS) {
    let end = start + period;
    while (end < bytes.length && bytes[end] === bytes[end - period]) end += 1;
    const times = Math.floor((end - start) / period);
    if (times > 1 && times * period >= RUN) return { unit: bytes.subarray(start, start + period), times };
  }
  return { unit: bytes.subarray(start, start + 1), times: 1 };
}

function placesOf(base: Uint8Array): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (let at = 0; at + WINDOW <= base.length; at++) {
    const key = hexOf(base.subarray(at, at + WINDOW));
    places.set(key, [...(places.get(key) ?? []), at]);
  }
  return places;
}

/** The match that passes over the fewest bytes of both: runs of zeros are found far off, too. */
function nextMatch(
  { places, from, to }: { places: ReadonlyMap<string, readonly number[]>; from: number; to: number },
  { base, target }: { base: Uint8Array; target: Uint8Array },
): { readonly from: number; readonly to: number } {
  let best = { from: base.length, to: target.length };
  let passed = Infinity;
  for (let at = to; at + WINDOW <= target.length && at - to < passed; at++) {
    const found = places.get(hexOf(target.subarray(at, at + WINDOW)))?.find((place) => place >= from);
    if (found === undefined || at - to + found - from >= passed) continue;
    best = { from: found, to: at };
    passed = at - to + found - from;
  }
  return best;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

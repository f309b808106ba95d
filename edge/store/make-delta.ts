/** Bytes to be written, and others that share long runs with them. */
export interface DeltaQuestion {
  readonly value: Uint8Array;
  readonly base: Uint8Array;
  readonly maxBytes: number;
}

/** Of an entry: how many new bytes follow it, then from where and how many of the base (32 bits each, big endian). */
export const ENTRY_BYTES = 12;
/** In front of the entries: how many bytes the whole has. */
export const SIZE_BYTES = 4;

// Every common run of 31 bytes is found: one window of the base begins at each multiple of its length.
const WINDOW = 16;
// A shorter one costs more than it spares.
const MIN_RUN = 24;
// Compared by native code; what remains, byte by byte.
const STRIDE = 1024;

/**
 * Says `value` by what of it stands in `base` and what does not; undefined where that takes more than `maxBytes`. It
 * takes time in proportion to the lengths of both, whatever they hold. @see applyDelta
 */
export function makeDelta({ value, base, maxBytes }: DeltaQuestion): Uint8Array | undefined {
  const findRun = createFinder({ value, base });
  const parts: Uint8Array[] = [sizeOf(value)];
  let written = SIZE_BYTES + ENTRY_BYTES;
  let from = 0;
  for (let at = 0; at + WINDOW <= value.length;) {
    if (written + at - from > maxBytes) return undefined;
    const run = findRun({ at, from });
    if (run === undefined) {
      at += 1;
      continue;
    }
    parts.push(...entryOf({ added: value.subarray(from, run.begin), run }));
    written += ENTRY_BYTES + run.begin - from;
    at = from = run.begin + run.length;
  }
  const rest = value.subarray(from);
  if (written + rest.length > maxBytes) return undefined;
  return new Uint8Array(Buffer.concat([...parts, ...entryOf({ added: rest, run: { copyFrom: 0, length: 0 } })]));
}

interface Pair {
  readonly value: Uint8Array;
  readonly base: Uint8Array;
}

interface Run {
  readonly begin: number;
  readonly copyFrom: number;
  readonly length: number;
}

/** Finds the run around `at` that is in the base too; it reaches back to `from` at most. */
function createFinder({ value, base }: Pair): (of: { at: number; from: number }) => Run | undefined {
  const places = placesOf(base);
  const [view, baseView] = [viewOf(value), viewOf(base)];
  return ({ at, from }) => {
    const place = (places[hashAt(view, at) & (places.length - 1)] ?? 0) - 1;
    // Mostly it is another window of the same hash.
    if (place < 0 || view.getUint32(at) !== baseView.getUint32(place)) return undefined;
    const ahead = sameAhead({ value, base }, { at, place });
    if (ahead < WINDOW) return undefined;
    let back = 0;
    while (back < at - from && back < place && value[at - back - 1] === base[place - back - 1]) back += 1;
    if (back + ahead < MIN_RUN) return undefined;
    return { begin: at - back, copyFrom: place - back, length: back + ahead };
  };
}

/** Where each window of the base begins, plus one, by its hash. */
function placesOf(base: Uint8Array): Int32Array {
  const bits = Math.max(4, Math.ceil(Math.log2(base.length / WINDOW + 1)) + 1);
  const places = new Int32Array(2 ** bits);
  const view = viewOf(base);
  for (let at = 0; at + WINDOW <= base.length; at += WINDOW) places[hashAt(view, at) & (places.length - 1)] = at + 1;
  return places;
}

function sameAhead({ value, base }: Pair, { at, place }: { readonly at: number; readonly place: number }): number {
  const most = Math.min(value.length - at, base.length - place);
  let length = 0;
  const strideOf = (bytes: Uint8Array, start: number) => bytes.subarray(start + length, start + length + STRIDE);
  while (length + STRIDE <= most && Buffer.compare(strideOf(value, at), strideOf(base, place)) === 0) length += STRIDE;
  while (length < most && value[at + length] === base[place + length]) length += 1;
  return length;
}

function hashAt(view: DataView, at: number): number {
  let hash = 0;
  for (let word = 0; word < WINDOW; word += 4) hash = Math.imul(hash ^ view.getUint32(at + word), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

function entryOf({
  added,
  run,
}: {
  readonly added: Uint8Array;
  readonly run: Omit<Run, 'begin'>;
}): readonly [Uint8Array, Uint8Array] {
  const entry = new Uint8Array(ENTRY_BYTES);
  const view = viewOf(entry);
  [added.length, run.copyFrom, run.length].forEach((number, index) => {
    view.setUint32(index * 4, number);
  });
  return [entry, added];
}

function sizeOf(value: Uint8Array): Uint8Array {
  const size = new Uint8Array(SIZE_BYTES);
  viewOf(size).setUint32(0, value.length);
  return size;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

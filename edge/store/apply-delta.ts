import { ENTRY_BYTES, SIZE_BYTES } from './make-delta.ts';

// Twice what an edge takes from the network: a decayed or forged size must not make it ask for gigabytes.
const MAX_WHOLE_BYTES = 8_388_608;

/** Puts together what `makeDelta` said; undefined where it says nothing of this base. Whose bytes they are is not known. */
export function applyDelta({
  delta,
  base,
}: {
  readonly delta: Uint8Array;
  readonly base: Uint8Array;
}): Uint8Array | undefined {
  if (delta.length < SIZE_BYTES) return undefined;
  const view = new DataView(delta.buffer, delta.byteOffset, delta.byteLength);
  const size = view.getUint32(0);
  if (size > MAX_WHOLE_BYTES) return undefined;
  const whole = new Uint8Array(size);
  let filled = 0;
  for (let at = SIZE_BYTES; at < delta.length;) {
    if (at + ENTRY_BYTES > delta.length) return undefined;
    const [added, copyFrom, copied] = [view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8)];
    at += ENTRY_BYTES + added;
    if (at > delta.length || copyFrom + copied > base.length || filled + added + copied > size) return undefined;
    whole.set(delta.subarray(at - added, at), filled);
    whole.set(base.subarray(copyFrom, copyFrom + copied), filled + added);
    filled += added + copied;
  }
  return filled === size ? whole : undefined;
}

import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import { anchorSchema, type Anchor } from '../../core/state/anchor.ts';
import type { Bases, BundleVector, RotationVector } from './vector.ts';

type Bytes = BundleVector['bundle'];

/** The bytes that a vector means. */
export function bytesOf(bytes: Bytes, bases: Bases): Uint8Array {
  if ('text' in bytes) return new TextEncoder().encode(bytes.text);
  const { base: name, edits } = bytes;
  const base = Buffer.from(name === undefined ? '' : named(bases.bytes, name), 'hex');
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const edit of edits) {
    if (edit.at < at) throw new TypeError('edits overlap, or are not in ascending order');
    const inserted = Buffer.from(edit.insert, 'hex');
    parts.push(base.subarray(at, edit.at), Buffer.alloc(inserted.length * edit.times, inserted));
    at = edit.at + edit.delete;
  }
  if (at > base.length) throw new TypeError('edits go beyond the base');
  return new Uint8Array(Buffer.concat([...parts, base.subarray(at)]));
}

/** The anchor that a vector means, parsed as a device parses the file that it was given. @throws CONFIG */
export function anchorOf(ref: BundleVector['anchor'], bases: Bases): Anchor {
  const parsed = anchorSchema.safeParse(rawAnchorOf(ref, bases));
  if (parsed.success) return parsed.data;
  throw new DewproofError('CONFIG', 'The anchor is none; get it anew.', { cause: parsed.error });
}

/** The anchors that a vector offers, as a server answers them. */
export function offerOf(offered: RotationVector['offered'], bases: Bases): Uint8Array {
  const anchors = offered.flatMap(({ anchor, signatures, times, patch }) => {
    const signed = { apiVersion: 'dewproof/v1', kind: 'SignedAnchor', anchor: rawAnchorOf(anchor, bases), signatures };
    return Array.from({ length: times }, () => mergePatch(signed, patch));
  });
  return new TextEncoder().encode(JSON.stringify({ anchors }));
}

function rawAnchorOf({ base, patch }: BundleVector['anchor'], bases: Bases): unknown {
  return mergePatch(named(bases.anchors, base), patch);
}

function named<Value>(from: Readonly<Record<string, Value>>, name: string): Value {
  const found = from[name];
  if (found === undefined) throw new TypeError(`no base ${name}`);
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  z.record(z.string(), z.unknown()).safeParse(value).success;

/** RFC 7396. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

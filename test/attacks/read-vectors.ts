import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { basesSchema, familySchema, type Bases, type Vector } from './vector.ts';

/** The folder of the files. */
export const vectorsFolder = join(import.meta.dirname, 'vectors');

const BASES = 'bases.json';

/** A vector and the family it stands in. */
export type NamedVector = Vector & { readonly family: string };

/** Reads every vector of `folder`, and what they name. */
export function readVectors(folder = vectorsFolder): {
  readonly bases: Bases;
  readonly vectors: readonly NamedVector[];
} {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== BASES);
  const vectors = files.sort().flatMap((name) => {
    const { family, vectors: ofFamily } = familySchema.parse(readJson(name, folder));
    return ofFamily.map((vector) => ({ ...vector, family }));
  });
  return { bases: basesSchema.parse(readJson(BASES, folder)), vectors };
}

/** Reads one file of `folder`. */
export function readJson(name: string, folder = vectorsFolder): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

import { resolve } from 'node:path';
import { digestOf, type Digest } from '../../core/digest.ts';
import { MAX_HELD_ARTIFACT_BYTES } from '../../core/document/limits.ts';
import { readNamedFile } from '../home/read-named-file.ts';

/** A file that a document names, and its bytes. */
export interface Artifact {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** A document as somebody wrote it, before any check, and the file that it named by path. */
export interface ResolvedDraft {
  readonly value: unknown;
  readonly artifact: Artifact | undefined;
}

/**
 * Puts digest and size in the place of `artifact: {file: …}`, a path relative to `folder`: people write where a file
 * is, devices are told what it is.
 * @throws USAGE (no such file), ENDLESS_DATA
 */
export async function resolveArtifact(value: unknown, folder: string): Promise<ResolvedDraft> {
  const spec = memberOf(value, 'spec');
  const runtime = memberOf(spec, 'runtime');
  const file = memberOf(memberOf(runtime, 'artifact'), 'file');
  if (typeof file !== 'string') return { value, artifact: undefined };
  const bytes = await readNamedFile(resolve(folder, file), {
    maxBytes: MAX_HELD_ARTIFACT_BYTES,
    tooLarge: 'ENDLESS_DATA',
  });
  const artifact = { digest: digestOf(bytes), size: bytes.length };
  return {
    value: { ...(value as object), spec: { ...(spec as object), runtime: { ...(runtime as object), artifact } } },
    artifact: { digest: artifact.digest, bytes },
  };
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

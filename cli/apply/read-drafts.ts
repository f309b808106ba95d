import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MAX_DOCUMENT_BYTES } from '../../core/document/limits.ts';
import { parseDraft, parsePlainYaml } from '../../core/document/parse-yaml.ts';
import type { DocumentDraft } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import { readNamedFile } from '../home/read-named-file.ts';
import { readStdin } from '../home/read-stdin.ts';
import { resolveArtifact, type Artifact } from './read-artifact.ts';

/** Several documents a file; a transaction can't hold more proposals than this anyway. */
const MAX_FILE_BYTES = 16 * MAX_DOCUMENT_BYTES;

/** A document as somebody wrote it, and where. */
export interface SourcedDraft {
  /** For messages: the file, with the document's number where there are several. */
  readonly source: string;
  readonly draft: DocumentDraft;
  /** The file that it names by path; undefined where it names none, or by digest. */
  readonly artifact?: Artifact | undefined;
}

/**
 * Reads the documents of files, of folders (every `.yaml`, `.yml` and `.json` in them, in order of their names) and
 * of stdin (`-`); a file may hold several, parted by `---`.
 * @throws USAGE (no such file, nothing in it), SCHEMA, TOO_DEEP, ENDLESS_DATA
 */
export async function readDrafts(paths: readonly string[]): Promise<readonly SourcedDraft[]> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const drafts: SourcedDraft[] = [];
  for (const file of files) drafts.push(...(await parseDrafts(file, await readText(file))));
  if (drafts.length > 0) return drafts;
  throw new DewproofError('USAGE', `There is no document in ${paths.join(', ')}; name a file or folder that has some.`);
}

async function filesOf(path: string): Promise<readonly string[]> {
  if (path === '-' || !(await statOf(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map(({ name }) => join(path, name))
    .toSorted();
}

async function statOf(path: string) {
  return stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DewproofError('USAGE', `${path} does not exist; check the path.`);
  });
}

async function readText(file: string): Promise<string> {
  const bytes =
    file === '-'
      ? await readStdin({ maxBytes: MAX_FILE_BYTES })
      : await readNamedFile(file, { maxBytes: MAX_FILE_BYTES, tooLarge: 'ENDLESS_DATA' });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DewproofError('SCHEMA', `${nameOf(file)} is not UTF-8 text; save it as UTF-8.`);
  }
}

async function parseDrafts(file: string, text: string): Promise<readonly SourcedDraft[]> {
  const parts = text.split(/^---[ \t]*(?:#.*)?\r?$/m);
  const filled = parts.filter((part) => part.replaceAll(/^[ \t]*#.*$/gm, '').trim() !== '');
  const folder = file === '-' ? '.' : dirname(file);
  return Promise.all(
    filled.map((part, index) => {
      const source = filled.length > 1 ? `${nameOf(file)} (document ${index + 1})` : nameOf(file);
      return readDraft({ source, text: part, folder });
    }),
  );
}

async function readDraft(of: { source: string; text: string; folder: string }): Promise<SourcedDraft> {
  const { source, text, folder } = of;
  try {
    const { value, artifact } = await resolveArtifact(parsePlainYaml(text), folder);
    return { source, draft: parseDraft(value), artifact };
  } catch (error) {
    if (!(error instanceof DewproofError)) throw error;
    throw new DewproofError(error.code, `${source}: ${error.message}`, { cause: error, details: error.details });
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'stdin' : file;
}

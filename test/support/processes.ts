import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** Ids of all processes that `ancestor` started, and theirs. */
export async function descendantsOf(ancestor: number): Promise<readonly number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(ids.map(async (id) => [id, await parentOf(id)] as const));
  const children = (parent: number): readonly number[] =>
    parents.filter(([, of]) => of === parent).flatMap(([id]) => [id, ...children(id)]);
  return children(ancestor);
}

/** The fourth field of /proc/<id>/stat; the second one, the name, may hold spaces but ends with a parenthesis. */
async function parentOf(id: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[1] === undefined ? undefined : Number(fields[1]);
}

/** Tells whether a process of this id runs; one that ended, and that nobody has asked about yet, does not. */
export function isAlive(id: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${id}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

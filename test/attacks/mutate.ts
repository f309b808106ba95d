import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkerFiles } from './mutation/checker.ts';
import { copyChecker, root } from './mutation/copy-checker.ts';
import { findMutants, type Mutant } from './mutation/find-mutants.ts';
import { justified, type Survivor } from './mutation/survivors.ts';

/** Processes at a time. */
const AT_ONCE = 2;

// Takes the checker's checks away one by one, each in a copy, and shows that some vector then fails. An argument is a
// part of the names of the files to mutate.
const [part = ''] = process.argv.slice(2);
const tasks = checkerFiles(root)
  .filter(({ file }) => file.includes(part))
  .flatMap(({ file, families }) =>
    findMutants(file, readFileSync(join(root, file), 'utf8')).map((mutant) => ({ mutant, families })),
  );
const counts = { killed: 0, justified: 0, survived: 0 };
const queue = tasks.values();
const unused = new Set(justified.flatMap(({ mutants }) => mutants).filter(({ file }) => file.includes(part)));

await Promise.all(Array.from({ length: AT_ONCE }, work));
for (const { file, was, by } of unused)
  print(`stale     ${file} ${was} -> ${by ?? 'anything'}: no such mutant survives`);
print(`${tasks.length} mutants: ${counts.killed} killed, ${counts.justified} justified, ${counts.survived} survived`);
process.exitCode = counts.survived + unused.size === 0 ? 0 : 1;

async function work(): Promise<void> {
  const copy = copyChecker();
  try {
    for (const { mutant, families } of queue) report(mutant, await copy.run(mutant, families));
  } finally {
    copy.remove();
  }
}

function report(mutant: Mutant, failed: string | undefined): void {
  const { file, line, was, by } = mutant;
  const why = failed === undefined ? justificationOf(mutant) : undefined;
  const verdict = failed !== undefined ? 'killed' : why !== undefined ? 'justified' : 'survived';
  counts[verdict] += 1;
  print(`${verdict.padEnd(9)} ${file}:${line} ${was} -> ${by}: ${failed ?? why ?? ''}`);
}

function justificationOf(mutant: Mutant): string | undefined {
  const isMeant = ({ file, was, by }: Survivor) =>
    file === mutant.file && was === mutant.was && (by ?? mutant.by) === mutant.by;
  const found = justified.find(({ mutants }) => mutants.some(isMeant));
  for (const one of found?.mutants.filter(isMeant) ?? []) unused.delete(one);
  return found?.why;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkerFiles } from './mutation/checker.ts';
import { copyChecker, root } from './mutation/copy-checker.ts';
import { findMutants, type Mutant } from './mutation/find-mutants.ts';

const copy = copyChecker();
afterAll(() => {
  copy.remove();
});

/** The mutant that takes away the condition right before `refusal`. */
function mutantBefore(file: string, refusal: string): Mutant | undefined {
  const source = readFileSync(join(root, file), 'utf8');
  const place = source.indexOf(refusal);
  const before = findMutants(file, source).filter(({ by, end }) => by === 'false' && end < place);
  return before.sort((one, other) => other.end - one.end || one.start - other.start)[0];
}

test('a copy of the checker passes as it is', { timeout: 300_000 }, async () => {
  expect(await copy.run(undefined, '')).toBeUndefined();
});

/** One check of each kind; `npm run attacks:mutate` takes away all. */
test.each([
  ['chain/light/qbft/recover-sealers.ts', "'seal-twice'"],
  ['chain/light/trie/node-pile.ts', "'node-hash'"],
  ['chain/light/witness/verify-note.ts', "'note-order'"],
  ['chain/light/check-bundle.ts', "'time-ahead'"],
  ['core/verify.ts', "'ROLLBACK'"],
  ['core/state/verify-next-anchor.ts', "'it names no roots, so"],
])('a copy of the checker without a check does not: %s, %s', { timeout: 300_000 }, async (file, refusal) => {
  const families = checkerFiles(root).find((one) => one.file === file)?.families ?? '';
  const mutant = mutantBefore(file, refusal);
  expect(mutant).toBeDefined();
  expect(await copy.run(mutant, families)).toMatch(/^[a-z]+\/[a-z0-9-]+: .* instead of /);
});

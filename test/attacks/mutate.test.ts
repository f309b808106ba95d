import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkerFiles } from './mutation/checker.ts';
import { copyChecker, root } from './mutation/copy-checker.ts';
import { findMutants } from './mutation/find-mutants.ts';
import { survivors } from './mutation/survivors.ts';

const copy = copyChecker();
afterAll(() => {
  copy.remove();
});
const files = checkerFiles(root);
const mutantsOf = (file: string) => findMutants(file, readFileSync(join(root, file), 'utf8'));

test('a copy of the checker passes as it is', async () => {
  expect(await copy.run(undefined, '')).toBeUndefined();
}, 60_000);

/** One check of each kind; `npm run attacks:mutate` takes away all. */
test.each([
  ['chain/light/qbft/verify-seals.ts', 'sealers.has(sealer)', 'false'],
  ['chain/light/qbft/verify-seals.ts', 'sealers.add(sealer);', ';'],
  ['chain/light/trie/node-pile.ts', '!sameBytes(keccak256(bytes), hash)', 'false'],
  ['chain/light/witness/verify-note.ts', 'index <= last', 'false'],
  ['core/verify.ts', 'record.version < lastSeen.version', 'false'],
])(
  'a copy without a check does not: %s, %s',
  async (file, was, by) => {
    const mutant = mutantsOf(file).find((one) => one.was === was && one.by === by);
    const families = files.find((one) => one.file === file)?.families ?? '';
    expect(mutant).toBeDefined();
    expect(await copy.run(mutant, families)).toMatch(/^[a-z]+\/[a-z0-9-]+: .* instead of /);
  },
  60_000,
);

test('what is justified to survive stands in the source', () => {
  for (const { file, was, by } of survivors) {
    const found = mutantsOf(file).some((one) => one.was === was && (by ?? one.by) === one.by);
    expect(found, `${file}: ${was}`).toBe(true);
  }
});

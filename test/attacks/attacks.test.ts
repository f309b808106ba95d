import { statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { drive, expectedOf } from './drive.ts';
import { makeFiles } from './make/make-files.ts';
import { readJson, readVectors, vectorsFolder } from './read-vectors.ts';

const { bases, vectors } = readVectors();
const families = [...new Set(vectors.map(({ family }) => family))];
const fast = await loadProofCrypto();

describe.each(families)('attacks of the family %s', (family) => {
  const ofFamily = vectors.filter((vector) => vector.family === family);
  test.each(ofFamily.map((vector) => [vector.name, expectedOf(vector), vector] as const))(
    '%s: %s',
    (_, expected, vector) => {
      expect(drive(vector, { bases, crypto: fast })).toBe(expected);
      expect(drive(vector, { bases, crypto: nobleCrypto })).toBe(expected);
    },
  );
});

describe('the files', () => {
  test('have no fewer vectors than were promised, and good ones among them', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(200);
    expect(vectors.filter(({ expect: code }) => code === 'ok').length).toBeGreaterThanOrEqual(30);
  });

  test('have a name for each vector, once in its family', () => {
    const names = vectors.map(({ family, name }) => `${family}/${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('are small', () => {
    const sizes = readdirSync(vectorsFolder).map((name) => statSync(join(vectorsFolder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_400_000);
  });

  test('are those that `npm run generate:attacks` writes', { timeout: 300_000 }, () => {
    const made = makeFiles();
    expect([...made.keys()].sort()).toEqual(readdirSync(vectorsFolder).sort());
    for (const [name, content] of made) expect(readJson(name), name).toEqual(JSON.parse(JSON.stringify(content)));
  });
});

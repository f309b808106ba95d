import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { drive, expectedOf } from './drive.ts';
import { readVectors } from './read-vectors.ts';

// Runs the vectors with the implementation that this machine loads, or with `--noble`; `--first` stops at a failure,
// `--begin quorum,seals` runs these families before the others.
const crypto = process.argv.includes('--noble') ? nobleCrypto : await loadProofCrypto();
const { bases, vectors } = readVectors();
let failures = 0;
const begin = process.argv[process.argv.indexOf('--begin') + 1]?.split(',') ?? [];
const isEarly = ({ family }: { readonly family: string }) => begin.includes(family);
const inOrder = [...vectors.filter(isEarly), ...vectors.filter((vector) => !isEarly(vector))];
for (const vector of inOrder) {
  const [got, expected] = [drive(vector, { bases, crypto }), expectedOf(vector)];
  if (got === expected) continue;
  failures += 1;
  process.stdout.write(`${vector.family}/${vector.name}: ${got} instead of ${expected}\n`);
  if (process.argv.includes('--first')) break;
}
process.stdout.write(`${vectors.length} vectors, ${failures} wrong (${crypto.name})\n`);
process.exitCode = failures === 0 ? 0 : 1;

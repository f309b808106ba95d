import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { drive, expectedOf } from './drive.ts';
import { readVectors } from './read-vectors.ts';

// Runs the vectors with the implementation that this machine loads, or with `--noble`; `--first` stops at a failure.
const crypto = process.argv.includes('--noble') ? nobleCrypto : await loadProofCrypto();
const { bases, vectors } = readVectors();
let failures = 0;
for (const vector of vectors) {
  const [got, expected] = [drive(vector, { bases, crypto }), expectedOf(vector)];
  if (got === expected) continue;
  failures += 1;
  process.stdout.write(`${vector.family}/${vector.name}: ${got} instead of ${expected}\n`);
  if (process.argv.includes('--first')) break;
}
process.stdout.write(`${vectors.length} vectors, ${failures} wrong (${crypto.name})\n`);
process.exitCode = failures === 0 ? 0 : 1;

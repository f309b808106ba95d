import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { checkBundle } from '../chain/light/check-bundle.ts';
import { loadProofCrypto } from '../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../chain/light/crypto/noble-crypto.ts';
import type { ProofCrypto } from '../chain/light/crypto/proof-crypto.ts';
import { anchorSchema } from '../core/state/anchor.ts';
import type { Figure } from './report.ts';
import { median } from './statistics.ts';

const sampleFile = new URL('../test/vectors/bundle-four-validators.json', import.meta.url);
const sampleSchema = z.object({ anchor: anchorSchema, bundle: z.base64() });

const ROUNDS = 1_000;
const SLOW_ROUNDS = 50;

/** One warm check of a bundle (4 validators, a resource and its device of 5,000 slots) beside the least it could cost. */
export async function benchProofs(): Promise<readonly Figure[]> {
  const { anchor, bundle: encoded } = sampleSchema.parse(JSON.parse(await readFile(sampleFile, 'utf8')));
  const bundle = new Uint8Array(Buffer.from(encoded, 'base64'));
  const crypto = await loadProofCrypto();
  const checkWith = (one: ProofCrypto) => () => void checkBundle(bundle, { anchor, now: 0n, crypto: one });
  const check = checkWith(crypto);
  const floor = createFloor();
  // Warmed up together and measured in turn: on shared cores only a ratio of the same moments says something.
  for (let round = 0; round < ROUNDS; round++) {
    check();
    floor();
  }
  const samples = Array.from({ length: ROUNDS }, () => ({ checkMs: msOf(check), floorMs: msOf(floor) }));
  const checkMs = median(samples.map((sample) => sample.checkMs));
  const floorMs = median(samples.map((sample) => sample.floorMs));
  const slow = checkWith(nobleCrypto);
  const slowMs = median(Array.from({ length: SLOW_ROUNDS }, () => msOf(slow)));
  const how = `median of ${ROUNDS}, warm`;
  return [
    { what: 'Ed25519 verify + SHA-256 of 3 KB', value: floorMs, unit: 'ms', how },
    { what: `check of a bundle of ${bundle.length} B`, value: checkMs, unit: 'ms', how: `${how}; ${crypto.name}` },
    { what: 'check / floor', value: checkMs / floorMs, unit: 'x', how: 'same run' },
    { what: 'the same check', value: slowMs, unit: 'ms', how: `median of ${SLOW_ROUNDS}; ${nobleCrypto.name}` },
  ];
}

function createFloor(): () => void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const content = randomBytes(3_072);
  const signature = sign(null, content, privateKey);
  return () => {
    createHash('sha256').update(content).digest();
    if (!verify(null, content, publicKey, signature)) throw new TypeError('the signature does not hold');
  };
}

function msOf(task: () => void): number {
  const startedMs = performance.now();
  task();
  return performance.now() - startedMs;
}

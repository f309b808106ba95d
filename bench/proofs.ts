import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { checkBundle } from '../chain/light/check-bundle.ts';
import { loadProofCrypto } from '../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../chain/light/crypto/noble-crypto.ts';
import type { ProofCrypto } from '../chain/light/crypto/proof-crypto.ts';
import { anchorSchema } from '../core/state/anchor.ts';
import { bundleCli } from '../scripts/build/bundle-cli.ts';
import type { Figure } from './report.ts';
import { median } from './statistics.ts';

const sampleSchema = z.object({ anchor: anchorSchema, bundle: z.base64() });

const ROUNDS = 1_000;
const SLOW_ROUNDS = 50;
const SPAWNS = 41;

/** What checking and carrying proofs costs, beside the least that it could. */
export async function benchProofs(): Promise<readonly Figure[]> {
  const sample = await readSample('bundle-four-validators');
  const hundred = await readSample('bundle-hundred-resources');
  return [
    ...(await benchCheck(sample)),
    ...(await benchSpawn(sample)),
    {
      what: '1 resource and its device of 5,000 slots',
      value: sample.bundle.length,
      unit: 'B',
      how: '4 validators, 3 seals',
    },
    {
      what: 'each further resource',
      value: (hundred.bundle.length - sample.bundle.length) / 100,
      unit: 'B',
      how: 'mean of 100',
    },
  ];
}

type Sample = Awaited<ReturnType<typeof readSample>>;

async function readSample(name: string) {
  const file = new URL(`../test/vectors/${name}.json`, import.meta.url);
  const { anchor, bundle } = sampleSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  return { anchor, bundle: new Uint8Array(Buffer.from(bundle, 'base64')) };
}

/** One warm check of a bundle. */
async function benchCheck({ anchor, bundle }: Sample): Promise<readonly Figure[]> {
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
  const checkMs = median(samples.map((one) => one.checkMs));
  const floorMs = median(samples.map((one) => one.floorMs));
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

/** From the start of a process to its verdict. */
async function benchSpawn({ anchor, bundle }: Sample): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dewproof-bench-'));
  // Where it finds the native package, as it does in dist/.
  const main = join(import.meta.dirname, '../dist/bench/cli/main.js');
  try {
    const [bundleFile, anchorFile] = [join(folder, 'device.bundle'), join(folder, 'anchor.json')];
    await writeFile(bundleFile, bundle);
    await writeFile(anchorFile, JSON.stringify(anchor));
    await bundleCli({ outfile: main });
    const words = [main, 'bundle', 'verify', bundleFile, '--anchor', anchorFile, '--no-clock'];
    const samples = Array.from({ length: SPAWNS }, () => ({ verifyMs: msOfRun(words), floorMs: msOfRun(['-e', '0']) }));
    const verifyMs = median(samples.map((one) => one.verifyMs));
    const floorMs = median(samples.map((one) => one.floorMs));
    const how = `median of ${SPAWNS}, spawn to exit`;
    return [
      { what: '`node -e 0`', value: floorMs, unit: 'ms', how },
      { what: '`dewproof bundle verify`, built file', value: verifyMs, unit: 'ms', how: 'the same, in turn' },
      { what: 'verify / node', value: verifyMs / floorMs, unit: 'x', how: 'same run' },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function msOfRun(words: readonly string[]): number {
  return msOf(() => {
    const { status } = spawnSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    if (status !== 0) throw new TypeError(`${words.join(' ')} ended with ${String(status)}`);
  });
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

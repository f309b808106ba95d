import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, type Digest } from '../core/digest.ts';
import { createEdgeStore, type BytesKind } from '../edge/store/edge-store.ts';
import { openStore } from '../platform/store/open-store.ts';
import type { Figure } from './report.ts';
import { median, timed } from './statistics.ts';

// As measured on bundles of validators: a head with its seals in front, the registry's account after the facts.
const HEAD_BYTES = 480;
const ACCOUNT_BYTES = 420;
const SIZES = [
  { resources: 100, bytes: 67_600, heads: 2_000 },
  { resources: 1_000, bytes: 391_000, heads: 2_000 },
];
// What is written whole each time is the same each time.
const WHOLE_HEADS = 300;

/** What an edge writes for each newer head under which no fact changed. */
export async function benchHeadWrites(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { resources, bytes, heads } of SIZES) {
    const whole = await measure({ in: 'contents', bytes, heads: WHOLE_HEADS });
    const kept = await measure({ in: 'bundles', bytes, heads });
    const what = `${resources} resources`;
    const how = `bundle of ${bytes} B, ${heads} heads; LevelDB's log and tables`;
    figures.push(
      { what: `${what}, written whole`, value: whole.bytes, unit: 'B', how: `the same, ${WHOLE_HEADS} heads` },
      { what: `${what}, as edges write it`, value: kept.bytes, unit: 'B', how },
      {
        what: `${what}, processor for it, written whole`,
        value: whole.cpuMs,
        unit: 'ms',
        how: 'user and system, median',
      },
      { what: `${what}, processor for it`, value: kept.cpuMs, unit: 'ms', how: 'the same' },
      { what: `${what}, a write`, value: kept.medianMs, unit: 'ms', how: 'median, synced' },
    );
  }
  return figures;
}

/** Per head: bytes that the process wrote (Linux), and what it cost. */
async function measure({ in: kind, bytes, heads }: { in: BytesKind; bytes: number; heads: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'dewproof-bench-'));
  const database = await openStore(join(folder, 'store'));
  const store = createEdgeStore(database);
  const facts = randomBytes(bytes - HEAD_BYTES - ACCOUNT_BYTES);
  let last: Bundle | undefined;
  const samples: { bytes: number; cpuMs: number; ms: number }[] = [];
  try {
    for (let head = 0; head <= heads; head += 1) {
      const value = bundleOf(facts);
      const next: Bundle = { kind: 'bytes', in: kind, digest: digestOf(value), value };
      const changes = last ? [next, { ...last, value: undefined }] : [next];
      const before = { bytes: await writtenBytes(), cpu: process.cpuUsage() };
      const { ms } = await timed(() => store.write(changes));
      const { user, system } = process.cpuUsage(before.cpu);
      samples.push({ bytes: (await writtenBytes()) - before.bytes, cpuMs: (user + system) / 1_000, ms });
      last = next;
    }
  } finally {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
  const newer = samples.slice(1);
  return {
    bytes: newer.reduce((sum, sample) => sum + sample.bytes, 0) / heads,
    cpuMs: median(newer.map((sample) => sample.cpuMs)),
    medianMs: median(newer.map((sample) => sample.ms)),
  };
}

interface Bundle {
  readonly kind: 'bytes';
  readonly in: BytesKind;
  readonly digest: Digest;
  readonly value: Uint8Array;
}

/** Its account nodes stand before those of the slots: in the middle. */
function bundleOf(facts: Uint8Array): Uint8Array {
  const middle = Math.floor(facts.length / 3);
  const parts = [
    randomBytes(HEAD_BYTES),
    facts.subarray(0, middle),
    randomBytes(ACCOUNT_BYTES),
    facts.subarray(middle),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

async function writtenBytes(): Promise<number> {
  const io = await readFile('/proc/self/io', 'utf8');
  return Number(/^wchar: (\d+)$/m.exec(io)?.[1]);
}

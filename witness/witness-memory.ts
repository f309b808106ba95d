import { z } from 'zod';
import type { Bytes32 } from '../core/digest.ts';
import { DewproofError } from '../core/errors.ts';
import { bytes32Field } from '../core/fields.ts';
import type { Contradiction, SignedHead, WitnessChange, WitnessMemory } from '../core/witness/ports.ts';
import { openRecord, sealRecord } from '../platform/store/checked-record.ts';
import { DURABLE, sublevelOf, type Store } from '../platform/store/open-store.ts';
import { guardStore } from '../platform/store/store-errors.ts';

/** As many heads as a signer serves, and the newest contradictions. */
const MAX_HEADS = 1024;
const MAX_CONTRADICTIONS = 64;

const whole = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);
const headSchema = z.strictObject({ height: whole, hash: bytes32Field, signedAt: whole });
const chainSchema = z.strictObject({ chain: z.string().max(128), genesis: bytes32Field });
const contradictionSchema = z.strictObject({
  height: whole,
  signedHash: bytes32Field,
  nodeHash: bytes32Field,
  seenAt: whole,
});
const ownerSchema = z.strictObject({ publicKey: bytes32Field });

type Part = ReturnType<typeof sublevelOf>;

/**
 * Makes the records of a new key. A witness without its records could sign a second block of one height, so that only a
 * new key gets new ones. @throws CONFLICT (another key's), DISK_FULL, STORE_CORRUPT
 */
export async function createWitnessMemory(store: Store, { publicKey }: { readonly publicKey: Bytes32 }): Promise<void> {
  const part = sublevelOf(store, 'witness');
  const heads = await guardStore(() => part.keys({ gt: 'head/', lt: 'head0', limit: 1 }).all());
  if (heads.length > 0) {
    throw new DewproofError('CONFLICT', 'The data folder holds what another key signed; move it away first.');
  }
  await guardStore(() => part.put('owner', sealJson({ publicKey }), DURABLE));
}

/**
 * Opens the records of a key.
 * @throws STORE_CORRUPT (records that are gone or damaged), CONFIG (another key's)
 */
export async function openWitnessMemory(
  store: Store,
  { publicKey }: { readonly publicKey: Bytes32 },
): Promise<WitnessMemory> {
  const part = sublevelOf(store, 'witness');
  await verifyOwner(part, { publicKey });
  const heads = await readAll(part, { prefix: 'head', schema: headSchema });
  const contradictions = await readAll(part, { prefix: 'contradiction', schema: contradictionSchema });
  const chain = await guardStore(() => part.get('chain'));
  const keys = { heads: heads.map(keyOfHead), contradictions: contradictions.map(keyOfContradiction) };
  return {
    loaded: { heads, contradictions, chain: chain === undefined ? undefined : parseRecord(chain, chainSchema) },
    write: (change) => write(part, { change, keys }),
  };
}

interface Keys {
  heads: readonly string[];
  contradictions: readonly string[];
}

async function write(
  part: Part,
  { change, keys }: { readonly change: WitnessChange; readonly keys: Keys },
): Promise<void> {
  const { heads = [], contradictions = [], chain } = change;
  const [headKeys, oldHeads] = newest([...keys.heads, ...heads.map(keyOfHead)], { limit: MAX_HEADS });
  const [caseKeys, oldCases] = newest([...keys.contradictions, ...contradictions.map(keyOfContradiction)], {
    limit: MAX_CONTRADICTIONS,
  });
  const put = (key: string, value: object) => ({ type: 'put', key, value: sealJson(value) }) as const;
  await guardStore(() =>
    part.batch(
      [
        ...(chain ? [put('chain', { ...chain })] : []),
        ...heads.map((head) => put(keyOfHead(head), headJson(head))),
        ...contradictions.map((one) => put(keyOfContradiction(one), { ...one })),
        ...[...oldHeads, ...oldCases].map((key) => ({ type: 'del', key }) as const),
      ],
      DURABLE,
    ),
  );
  keys.heads = headKeys;
  keys.contradictions = caseKeys;
}

function headJson({ height, hash, signedAt }: SignedHead): object {
  return { height, hash, signedAt };
}

function newest(
  all: readonly string[],
  { limit }: { readonly limit: number },
): readonly [kept: readonly string[], dropped: readonly string[]] {
  const sorted = [...new Set(all)].sort();
  const drop = Math.max(0, sorted.length - limit);
  return [sorted.slice(drop), sorted.slice(0, drop)];
}

async function verifyOwner(part: Part, { publicKey }: { readonly publicKey: Bytes32 }): Promise<void> {
  const record = await guardStore(() => part.get('owner'));
  if (record === undefined) {
    throw new DewproofError(
      'STORE_CORRUPT',
      'The records of what this witness signed are not here; bring the data folder back, or make a new key with `dewproof witness init` and put it into the anchors.',
    );
  }
  if (parseRecord(record, ownerSchema).publicKey === publicKey) return;
  throw new DewproofError('CONFIG', 'The data folder is another witness’s; name this one’s with --data.');
}

async function readAll<T>(
  part: Part,
  { prefix, schema }: { readonly prefix: string; readonly schema: z.ZodType<T> },
): Promise<readonly T[]> {
  // `0` follows `/`: all keys of the prefix, in order.
  const values = await guardStore(() => part.values({ gt: `${prefix}/`, lt: `${prefix}0` }).all());
  return values.map((record) => parseRecord(record, schema));
}

function parseRecord<T>(record: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(JSON.parse(openRecord(record)));
  if (parsed.success) return parsed.data;
  throw new DewproofError(
    'STORE_CORRUPT',
    'A record of what this witness signed is not understood; bring its backup back.',
  );
}

function sealJson(value: object): string {
  return sealRecord(
    JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? field.toString() : field)),
  );
}

function keyOfHead({ height }: Pick<SignedHead, 'height'>): string {
  return `head/${height.toString().padStart(20, '0')}`;
}

function keyOfContradiction({ height, nodeHash, seenAt }: Contradiction): string {
  return `contradiction/${seenAt.toString().padStart(20, '0')}/${height}/${nodeHash}`;
}

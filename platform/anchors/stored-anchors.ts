import { hasCode } from '../../core/errors.ts';
import { messageOfAnchor } from '../../core/state/anchor-message.ts';
import { signedAnchorSchema, type SignedAnchor } from '../../core/state/signed-anchor.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import { openRecord, sealRecord } from '../store/checked-record.ts';
import { DURABLE, type sublevelOf } from '../store/open-store.ts';
import { guardStore } from '../store/store-errors.ts';

/** The part of a database that holds anchors. */
export type AnchorsPart = ReturnType<typeof sublevelOf>;

/** Puts and drops anchors at once; they are on disk (fsync) when it returns. @throws DISK_FULL, STORE_CORRUPT */
export async function writeAnchors(
  part: AnchorsPart,
  { added, gone }: { readonly added: readonly SignedAnchor[]; readonly gone: readonly number[] },
): Promise<void> {
  // In this order: of two of one version, the one that is added stays.
  const drops = gone.map((version) => ({ type: 'del', key: keyOf(version) }) as const);
  const puts = added.map(
    (one) => ({ type: 'put', key: keyOf(one.anchor.version), value: sealRecord(JSON.stringify(one)) }) as const,
  );
  await guardStore(() => part.batch([...drops, ...puts], DURABLE));
}

/** What the disk holds: those that are whole, ascending, and the versions of those that are not. */
export interface StoredAnchors {
  readonly whole: readonly SignedAnchor[];
  readonly decayed: readonly number[];
}

async function readAll(part: AnchorsPart): Promise<StoredAnchors> {
  const records = await guardStore(() => part.iterator().all());
  const read = records.map(([key, record]) => ({ version: Number(key), signed: parseRecord(record, Number(key)) }));
  return {
    whole: read.flatMap(({ signed }) => signed ?? []),
    decayed: read
      .filter(({ version, signed }) => signed === undefined && Number.isSafeInteger(version))
      .map(({ version }) => version),
  };
}

/** Undefined where it is not what was written there (a former one may have been put in its place), or of a release that knew more. */
function parseRecord(record: string, version: number): SignedAnchor | undefined {
  try {
    const { data } = signedAnchorSchema.safeParse(parseJsonBytes(Buffer.from(openRecord(record))));
    return data?.anchor.version === version ? data : undefined;
  } catch (error) {
    if (!hasCode(error)) throw error;
    return undefined;
  }
}

/**
 * All that are kept, with the home's `own`: put there while nothing ran, it would reach no device otherwise. Of two of its
 * version that roots signed it is the one that counts here. @throws STORE_CORRUPT
 */
export async function readAnchors(part: AnchorsPart, own: SignedAnchor | undefined): Promise<StoredAnchors> {
  const stored = await readAll(part);
  if (own === undefined || own.signatures.length === 0 || stored.whole.some((one) => isSame([one, own]))) return stored;
  await writeAnchors(part, { added: [own], gone: [] });
  const others = stored.whole.filter(({ anchor }) => anchor.version !== own.anchor.version);
  return {
    whole: [...others, own].toSorted((one, other) => one.anchor.version - other.anchor.version),
    decayed: stored.decayed.filter((version) => version !== own.anchor.version),
  };
}

function isSame([one, other]: readonly [SignedAnchor, SignedAnchor]): boolean {
  return Buffer.compare(messageOfAnchor(one.anchor), messageOfAnchor(other.anchor)) === 0;
}

/** Padded, so that the disk's order is that of the versions. */
function keyOf(version: number): string {
  return version.toString().padStart(16, '0');
}

import { parseAnchors } from '../../core/wire/anchors.ts';
import type { Anchors } from './open-anchors.ts';

/** What `importAnchors` answers its operator. */
export interface AnchorsImported {
  /** Of the anchor that is now in use. */
  readonly version: number;
  /** Versions that were new. */
  readonly taken: readonly number[];
}

/**
 * The control command `import-anchors`: takes signed anchors that came by file, as the JSON that the file holds.
 * @throws what refused the first of them, where none was taken; SCHEMA, ENDLESS_DATA, DISK_FULL, STORE_CORRUPT
 */
export function importAnchors(anchors: Pick<Anchors, 'take'>): (input: unknown) => Promise<AnchorsImported> {
  return async (input) => {
    const offered = parseAnchors(Buffer.from(JSON.stringify(input ?? null)));
    const { version, taken, refusal } = await anchors.take(offered);
    if (refusal !== undefined && taken.length === 0) throw refusal;
    return { version, taken };
  };
}

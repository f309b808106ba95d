import { z } from 'zod';
import { DewproofError } from '../core/errors.ts';
import type { Account } from '../core/account.ts';
import type { BlockRef } from '../core/ledger/records.ts';

/** The longest base64 of a bundle: 4 MiB. */
const MAX_TEXT = Math.ceil((4 * 1024 * 1024) / 3) * 4;

const inputSchema = z.strictObject({ bundle: z.base64().min(1).max(MAX_TEXT) });

/** What `import-bundle` answers its operator: the newest block that the device then believes. */
export interface BundleImported {
  /** Heights and times (Unix seconds) are decimal. */
  readonly block: { readonly height: string; readonly hash: string; readonly time: string } | null;
  /** The device's account where nothing that it heard tells of it: the bundle was made for others. */
  readonly untold: Account | null;
}

/**
 * The control command `import-bundle`: takes a proof bundle that came by file as it would one from a dew. `take` holds
 * it against the anchor and all that was accepted before, and has the device act on it; `head` is the newest block then,
 * `untold` the device itself where nothing tells of it.
 * @throws SCHEMA, and what `take` refuses with
 */
export function importBundle({
  take,
  head,
  untold,
}: {
  readonly take: (bundle: Uint8Array) => Promise<void>;
  readonly head: () => BlockRef | undefined;
  readonly untold: () => Account | undefined;
}): (input: unknown) => Promise<BundleImported> {
  return async (input) => {
    const parsed = inputSchema.safeParse(input);
    if (!parsed.success) throw new DewproofError('SCHEMA', 'A bundle is imported as base64 of at most 4 MiB.');
    await take(Buffer.from(parsed.data.bundle, 'base64'));
    const block = head();
    return {
      block: block ? { height: `${block.height}`, hash: block.hash, time: `${block.time}` } : null,
      untold: untold() ?? null,
    };
  };
}

import type { Account } from '../../core/account.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { ReceiptFile } from '../../core/receipts/receipt-file.ts';
import type { ReceiptsPage } from '../../core/wire/receipts.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import type { ReceiptShelf } from './receipt-store.ts';
import { conflictRecord, parseRecord, placeKey, placeOf, within } from './receipt-records.ts';

/** Which receipts, a page of at most `limit`; `after` is where the page before ended. */
export interface ReceiptQuery {
  readonly resource: ResourceId | undefined;
  readonly device: Account | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

/** Receipts by device and sequence. */
export interface ReceiptLists {
  list(query: ReceiptQuery): Promise<ReceiptsPage>;
  /** Of each equivocation both receipts, all devices' or one's. */
  conflicts(device: Account | undefined): Promise<readonly ReceiptFile[]>;
}

const MAX_LISTED_CONFLICTS = 50;

/** Lists what is on the shelf. */
export function createReceiptLists({ level, read }: Pick<ReceiptShelf, 'level' | 'read'>): ReceiptLists {
  return {
    list: async ({ resource, device, after, limit }) => {
      const base = resource === undefined ? 'receipt/' : `resource/${resource}/`;
      const range = within(base, after);
      const lowest = device === undefined ? range.gt : `${base}${device}/`;
      const gt = lowest > range.gt ? lowest : range.gt;
      const lt = device === undefined ? range.lt : `${base}${device}/\uffff`;
      const found = await guardStore(() => level.keys({ gt, lt, limit: limit + 1 }).all());
      const places = found.slice(0, limit).map(placeOf);
      const receipts: ReceiptFile[] = [];
      for (const place of places) {
        const record = await read(place);
        if (record === undefined) continue;
        const { envelope, inclusion } = record;
        receipts.push(inclusion === undefined ? { envelope } : { envelope, inclusion });
      }
      const last = places.at(-1);
      return { receipts, next: found.length > limit && last !== undefined ? placeKey(last) : null };
    },
    conflicts: async (device) => {
      const range = within(device === undefined ? 'conflict/' : `conflict/${device}/`);
      const records = await guardStore(() => level.values({ ...range, limit: MAX_LISTED_CONFLICTS }).all());
      return records.flatMap((record) => {
        const { kept, refused } = parseRecord(conflictRecord, record);
        return [{ envelope: kept }, { envelope: refused }];
      });
    },
  };
}

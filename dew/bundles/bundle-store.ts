import { z } from 'zod';
import { DewproofError } from '../../core/errors.ts';
import type { GroupId } from '../../core/ids.ts';
import { accountField, bytes32Field, uint64Field } from '../../core/fields.ts';
import type { BundleHead, PreparedFacts } from '../../core/state/bundle-maker.ts';
import type { Log } from '../../platform/log.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { DURABLE, sublevelOf, type Store } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';
import { assembleBundle, type Bundle } from './bundle.ts';
import type { Told } from './plan-former.ts';

/** A group's newest bundle, with what it takes to make the next one. */
export interface GroupBundle {
  readonly prepared: PreparedFacts;
  readonly former: Told['former'];
  readonly head: BundleHead;
  readonly bundle: Bundle;
  /** Whether it opens by a former anchor alone: it is served until there is another, be that of an older block. */
  readonly isFormer: boolean;
}

/** Keeps each group's newest bundle. */
export interface BundleStore {
  readonly loaded: ReadonlyMap<GroupId, GroupBundle>;
  /** On disk (fsync) when it returns. @throws DISK_FULL */
  saveFacts(group: GroupId, kept: GroupBundle): Promise<void>;
  /** A newer head of the same facts: a process that is killed keeps it; losing it to a power cut costs some minutes of freshness. */
  saveHead(group: GroupId, kept: GroupBundle): Promise<void>;
}

const base64 = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const factsSchema = z.strictObject({
  storageRoot: bytes32Field,
  facts: base64,
  slots: base64,
  slotCount: z.int().min(0),
  tells: z.array(z.string()),
  accounts: z.array(accountField),
  former: z.array(z.tuple([z.string(), uint64Field])),
});
const headSchema = z.strictObject({
  head: base64,
  account: base64,
  height: uint64Field,
  hash: bytes32Field,
  attestedAt: uint64Field,
});

/** Opens the bundles' part of a database, for `groups`; what does not read any more is left out, since it can be made again. */
export async function openBundleStore(
  store: Store,
  { groups, log }: { readonly groups: Iterable<GroupId>; readonly log: Log },
): Promise<BundleStore> {
  const part = sublevelOf(store, 'bundles');
  const loaded = new Map<GroupId, GroupBundle>();
  for (const group of groups) {
    const [facts, head] = await guardStore(() => part.getMany([`facts/${group}`, `head/${group}`]));
    if (facts === undefined || head === undefined) continue;
    try {
      loaded.set(group, parseKept({ facts, head }));
    } catch (error) {
      log.warn({ error, group }, 'A stored bundle is damaged; it is made again');
    }
  }
  const headRecord = (group: GroupId, kept: GroupBundle) =>
    ({ type: 'put', key: `head/${group}`, value: sealRecord(formatHead(kept)) }) as const;
  return {
    loaded,
    saveFacts: (group, kept) => {
      const facts = { type: 'put', key: `facts/${group}`, value: sealRecord(formatFacts(kept)) } as const;
      // Together: a head never stands with other facts than its own.
      return guardStore(() => part.batch([facts, headRecord(group, kept)], DURABLE));
    },
    saveHead: (group, kept) => guardStore(() => part.batch([headRecord(group, kept)])),
  };
}

function formatFacts({ prepared, former }: GroupBundle): string {
  const { facts, slots, ...rest } = prepared;
  return JSON.stringify({
    ...rest,
    facts: base64Of(facts),
    slots: base64Of(slots),
    former: [...former].map(([name, since]) => [name, since.toString()]),
  });
}

function formatHead({ head, bundle }: GroupBundle): string {
  const { height, hash, attestedAt } = bundle;
  return JSON.stringify({
    head: base64Of(head.head),
    account: base64Of(head.account),
    height: height.toString(),
    hash,
    attestedAt: attestedAt.toString(),
  });
}

function parseKept(records: { readonly facts: string; readonly head: string }): GroupBundle {
  const facts = factsSchema.safeParse(JSON.parse(openRecord(records.facts)));
  const kept = headSchema.safeParse(JSON.parse(openRecord(records.head)));
  if (!facts.success || !kept.success) throw new DewproofError('STORE_CORRUPT', 'It is of another version.');
  const { former, ...prepared } = facts.data;
  const { head, account, height, hash, attestedAt } = kept.data;
  const bundle = assembleBundle({ head, account }, prepared, { block: { height, hash }, attestedAt });
  return { prepared, former: new Map(former), head: { head, account }, bundle, isFormer: false };
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

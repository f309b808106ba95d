import { digestOf, type Digest } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Account } from '../../core/account.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import type { EdgeStore } from '../store/edge-store.ts';
import type { StoredHead } from '../store/stored-records.ts';
import { verifyAccepted } from './accept-bundle.ts';
import { planEvidence } from './evidence.ts';
import { openAll } from './open-all.ts';
import { openAccepted } from './open-bundle.ts';
import { planNote } from './plan-note.ts';
import type { KeptState } from './proven-state.ts';
import type { Trusted } from './trusted.ts';

/** What reading and writing states needs. */
export interface StoredStatesDeps {
  readonly memory: DeviceMemory;
  readonly store: EdgeStore;
  readonly account: Account;
  /** By whose word what was accepted before is opened, and what is written was. */
  readonly trusted: Trusted;
  /** The newest block that was accepted. */
  readonly lastBlock: () => BlockRef | undefined;
}

/** The states whose bundles are on disk; what is read back is verified as what comes over the network is. */
export interface StoredStates {
  /** @throws STORE_CORRUPT (it is gone, or is another one), what opening it does */
  open(digest: Digest): Promise<KeptState>;
  /** All that count by the record of the newest. @throws what opening that one does; of others `onDamage` hears */
  readKept(head: StoredHead, onDamage: (error: DewproofError) => void): Promise<readonly KeptState[]>;
  /** The newest that opens, or none: where the record of it was lost. */
  findNewest(): Promise<readonly KeptState[]>;
  /** Whether a bundle's bytes are those that were written. */
  isWhole(digest: Digest): Promise<boolean>;
  /** Writes the states that count, the newest first, and what goes with them. @throws DISK_FULL, STORE_CORRUPT */
  remember(states: readonly [KeptState, ...KeptState[]], how: HowToWrite): Promise<void>;
}

/** Whether bundles that the disk should hold are written once more. */
export interface HowToWrite {
  readonly isDamaged: boolean;
}

/** The device's part of a store. */
export function createStoredStates(deps: StoredStatesDeps): StoredStates {
  const { memory, store, account, trusted } = deps;
  const bytesOf = (digest: Digest) => store.bytes({ in: 'bundles', digest });

  async function open(digest: Digest): Promise<KeptState> {
    const bundle = await bytesOf(digest);
    if (bundle === undefined) throw new DewproofError('STORE_CORRUPT', 'A stored bundle is gone: a new one is needed.');
    const proven = openAccepted(bundle, trusted);
    if (proven.digest === digest) return proven;
    throw new DewproofError('STORE_CORRUPT', 'Another bundle is stored in the place of one: a new one is needed.');
  }

  async function openNewest({ bundle }: StoredHead): Promise<KeptState> {
    const newest = await open(bundle);
    verifyAccepted(newest.state, { lastBlock: deps.lastBlock(), seen: memory.seen });
    return newest;
  }

  /** Without it a lost record would make every older block acceptable again; bundles that decayed are passed over. */
  async function findNewest(): Promise<readonly KeptState[]> {
    const opened: KeptState[] = [];
    for (const digest of await store.digests('bundles')) {
      await orPassOver(async () => opened.push(await open(digest)));
    }
    let found: readonly KeptState[] = [];
    // Of two blocks of one height that counts for which the newest signers vouched.
    for (const proven of opened.toSorted((one, other) => other.anchorVersion - one.anchorVersion)) {
      await orPassOver(() => {
        verifyAccepted(proven.state, { lastBlock: found[0]?.state.block, seen: memory.seen });
        found = [proven];
      });
    }
    return found;
  }

  async function remember(states: readonly [KeptState, ...KeptState[]], how: HowToWrite): Promise<void> {
    const [newest, ...older] = states;
    const value = headOf(newest, { older, anchorVersion: trusted.anchor.version });
    await memory.remember(async () => {
      const stored = await store.digests('bundles');
      const isMissing = ({ digest }: KeptState) =>
        how.isDamaged || digest === newest.digest || !stored.includes(digest);
      return [
        ...states
          .filter(isMissing)
          .map(({ digest, bundle }) => ({ kind: 'bytes', in: 'bundles', digest, value: bundle }) as const),
        { kind: 'head', value },
        ...planNote(memory, trusted),
        ...planEvidence({ newest, planned: states, stored, memory, account }),
      ];
    });
  }

  return {
    open,
    readKept: (head, onDamage) => {
      const older = head.kept.map((digest) => () => open(digest));
      return openAll({ newest: () => openNewest(head), older }, onDamage);
    },
    findNewest,
    isWhole: async (digest) => {
      const bundle = await bytesOf(digest);
      return bundle !== undefined && digestOf(bundle) === digest;
    },
    remember,
  };
}

async function orPassOver(look: () => unknown): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!hasCode(error)) throw error;
  }
}

function headOf(
  { digest, state }: KeptState,
  { older, anchorVersion }: { readonly older: readonly KeptState[]; readonly anchorVersion: number },
): StoredHead {
  const { height, hash, time } = state.block;
  return { bundle: digest, block: { height, hash, time }, kept: older.map((one) => one.digest), anchorVersion };
}

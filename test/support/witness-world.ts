import { createHash } from 'node:crypto';
import { createSigner, type Signer } from '../../chain/witness/create-signer.ts';
import type { SigningWitness } from '../../chain/light/witness/sign-note.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import type {
  LinkedBlock,
  NodeReading,
  WitnessChange,
  WitnessMemory,
  WitnessNode,
  WitnessRecords,
} from '../../core/witness/ports.ts';
import { createWitnesses } from './test-witnesses.ts';

export const CHAIN = { chain: 'eip155:31337', genesis: hashOf('genesis') };
export const START = 1_800_000_000n;

export function hashOf(text: string): Bytes32 {
  return `0x${createHash('sha256').update(text).digest('hex')}`;
}

/** A chain in memory that can be mined, cut back and mined anew. */
export interface TestChain {
  blocks: LinkedBlock[];
  mine(count: number, fork?: string): void;
  cut(depth: number): void;
}

export function createTestChain(): TestChain {
  const chain: TestChain = {
    blocks: [{ height: 0n, hash: CHAIN.genesis, parentHash: hashOf('nothing') }],
    mine: (count, fork = '') => {
      for (let mined = 0; mined < count; mined += 1) {
        const { height = -1n, hash = CHAIN.genesis } = chain.blocks.at(-1) ?? {};
        chain.blocks.push({ height: height + 1n, hash: hashOf(`${hash} ${fork}`), parentHash: hash });
      }
    },
    cut: (depth) => {
      chain.blocks = chain.blocks.slice(0, Math.max(1, chain.blocks.length - depth));
    },
  };
  return chain;
}

/** A node over a chain, as honest as `EvmWitnessNode`. */
export function nodeOf(chain: TestChain, { confirmations }: { confirmations: number }): WitnessNode {
  return {
    read: ({ signed }): Promise<NodeReading> => {
      const latest = chain.blocks.length - 1;
      const final = latest - confirmations;
      const from = signed ? Math.max(Number(signed.height) + 1, final - 255) : final;
      return Promise.resolve({
        ...CHAIN,
        latest: BigInt(latest),
        atSigned: signed && chain.blocks[Number(signed.height)],
        blocks: final < 0 ? [] : chain.blocks.slice(from, final + 1),
      });
    },
  };
}

/** Records that outlive their process. */
export interface TestDisk {
  records: WitnessRecords;
  writes: number;
  /** The write (from 1) at which the power goes: `before` it is on disk, or `after`. */
  cut: { at: number; moment: 'before' | 'after' } | undefined;
  open(): WitnessMemory;
}

export function createTestDisk(): TestDisk {
  const disk: TestDisk = {
    records: { chain: undefined, heads: [], contradictions: [] },
    writes: 0,
    cut: undefined,
    open: () => ({
      loaded: disk.records,
      write: (change) => {
        disk.writes += 1;
        const lost = new DewproofError('STORE_CORRUPT', 'The power is gone.');
        const { at, moment } = disk.cut ?? { at: Infinity, moment: 'before' };
        if (disk.writes > at || (disk.writes === at && moment === 'before')) return Promise.reject(lost);
        disk.records = mergeRecords(disk.records, change);
        return disk.writes === at ? Promise.reject(lost) : Promise.resolve();
      },
    }),
  };
  return disk;
}

function mergeRecords(old: WitnessRecords, { chain, heads = [], contradictions = [] }: WitnessChange): WitnessRecords {
  const byHeight = new Map([...old.heads, ...heads].map((head) => [head.height, head]));
  return {
    chain: chain ?? old.chain,
    heads: [...byHeight.values()].sort((one, other) => (one.height < other.height ? -1 : 1)),
    contradictions: [...old.contradictions, ...contradictions],
  };
}

/** A signer with its world; `boot` starts its process anew. */
export function createTestSigner({
  disk = createTestDisk(),
  node,
  witness = createWitnesses(1)[0],
  now = { seconds: START },
}: {
  disk?: TestDisk;
  node: WitnessNode;
  witness?: SigningWitness | undefined;
  now?: { seconds: bigint };
}): Signer {
  if (!witness) throw new TypeError('no witness');
  return createSigner({ node, memory: disk.open(), witness, clock: () => now.seconds, resignAfterSeconds: 10_800n });
}

/** Looks once; answers the code of what went wrong. */
export async function lookAt(signer: Signer): Promise<string | undefined> {
  try {
    await signer.look(AbortSignal.timeout(10_000));
    return undefined;
  } catch (error) {
    if (error instanceof DewproofError) return error.code;
    throw error;
  }
}

/** Every (height, hash) that a signer serves a note on now; nothing where it serves none. */
export function servedBy(signer: Signer, heights: readonly bigint[]): readonly (readonly [bigint, string])[] {
  try {
    return heights.flatMap((height) => {
      const note = signer.at(height);
      return note === undefined ? [] : [[height, note.split('\n')[2] ?? ''] as const];
    });
  } catch (error) {
    if (error instanceof DewproofError) return [];
    throw error;
  }
}

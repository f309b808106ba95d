import type { Bytes32 } from '../../../core/digest.ts';
import type { DewproofError } from '../../../core/errors.ts';
import type { BundleMaker } from '../../../core/state/bundle-maker.ts';

/** A maker whose bundles are text that says what it was asked; nothing of them is proved. */
export interface FakeMaker extends BundleMaker {
  /** Whether the registry changed: a new one has all facts prepared anew. */
  root: Bytes32;
  attestedAt: bigint;
  /** What it fails with, where it does. */
  failure: DewproofError | undefined;
  /** Resolved before a preparing ends. */
  gate: Promise<unknown>;
  /** Audiences that facts were prepared for, in turn, with what they were told before. */
  readonly prepared: { readonly audience: string; readonly formerly: readonly string[] }[];
  /** Bundles that it was given back. */
  readonly recalled: string[];
}

export const rootOf = (number: number): Bytes32 => `0x${number.toString(16).padStart(64, '0')}`;

export function createFakeMaker(): FakeMaker {
  const maker: FakeMaker = {
    root: rootOf(1),
    attestedAt: 1_000n,
    failure: undefined,
    gate: Promise.resolve(),
    prepared: [],
    recalled: [],
    vouch: (block) => Promise.resolve({ block, attestedAt: maker.attestedAt, storageRoot: maker.root }),
    prepare: async ({ state, audience, formerly, vouched }, signal) => {
      const name = 'group' in audience ? 'group' : audience.account;
      maker.prepared.push({ audience: name, formerly });
      await Promise.race([maker.gate, aborted(signal)]);
      if (maker.failure) throw maker.failure;
      const devices = [...state.devices.values()].filter((one) => 'group' in audience && one.group === audience.group);
      const heads = 'group' in audience ? [...state.heads.values()] : [];
      return {
        storageRoot: vouched.storageRoot,
        facts: Buffer.from(`[facts of ${name}: ${heads.map(({ version, status }) => `${version} ${status}`).join()}]`),
        slots: Buffer.from('[slots]'),
        slotCount: 1,
        tells: heads.map(({ resource }) => `record/${resource}`),
        accounts: 'group' in audience ? devices.map(({ account }) => account) : [audience.account],
      };
    },
    join: (_, { attestedAt }) => ({ head: Buffer.from(`[head ${attestedAt}]`), account: Buffer.from('[account]') }),
    recall: (bundle) => {
      maker.recalled.push(Buffer.from(bundle).toString());
    },
  };
  return maker;
}

async function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => {
    reject(signal.reason as Error);
  });
  return promise;
}

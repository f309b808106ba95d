import { openRpc } from '../../chain/evm/json-rpc.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { createBundleMaker } from '../../chain/light/make/bundle-maker.ts';
import { openVouching } from '../../chain/light/make/open-vouching.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { BundlePlan } from '../../dew/bundles/follow-bundles.ts';
import type { Log } from '../../platform/log.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import { askWitnesses, type WitnessTrouble } from './ask-witnesses.ts';

/** What a dew that proves needs beside its ledger, which goes no further than what is vouched for. */
export interface Proving {
  readonly plan: BundlePlan;
  readonly finalHead: () => Promise<BlockRef>;
  readonly witnessTroubles: () => readonly WitnessTrouble[];
}

/** A dew follows no block that its devices would not believe: of a chain that loses some it would never get free. */
export async function openProving(
  anchor: Anchor,
  {
    url,
    witnesses,
    signal,
    log,
  }: {
    readonly url: string;
    readonly witnesses: readonly WitnessAddress[];
    readonly signal: AbortSignal;
    readonly log: Log;
  },
): Promise<Proving | undefined> {
  const { finality, staleAfter, maxStaleness: keepSeconds } = anchor;
  if (finality.kind === 'rpc') return undefined;
  const asked = finality.kind === 'witnesses' ? askWitnesses(witnesses, { finality, signal, log }) : noWitnesses;
  const deps = { rpc: openRpc({ url }), anchor, crypto: await loadProofCrypto() };
  const vouching = openVouching(deps, asked);
  // Devices count a fact as fresh for long: an idle head need not be told of at once.
  const refreshEveryMs = Math.min(10_000, (staleAfter * 1000) / 64);
  return {
    plan: { maker: createBundleMaker({ ...deps, vouching }), refreshEveryMs, keepSeconds },
    finalHead: async () => (await vouching.newest()).block,
    witnessTroubles: asked.troubles,
  };
}

const noWitnesses: ReturnType<typeof askWitnesses> = {
  ask: () => Promise.resolve(undefined),
  onTrouble: () => undefined,
  troubles: () => [],
};

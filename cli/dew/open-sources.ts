import { openEvmLedger } from '../../chain/evm/evm-ledger.ts';
import { openRpc } from '../../chain/evm/json-rpc.ts';
import type { LocalAccount } from '../../chain/evm/local-account.ts';
import { checkBundle } from '../../chain/light/check-bundle.ts';
import type { ProofCrypto } from '../../chain/light/crypto/proof-crypto.ts';
import { createBundleMaker } from '../../chain/light/make/bundle-maker.ts';
import { openVouching, type Vouching } from '../../chain/light/make/open-vouching.ts';
import type { MakeDeps } from '../../chain/light/make/make-bundle.ts';
import type { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { Finality } from '../../core/state/finality.ts';
import type { BundlePlan } from '../../dew/bundles/follow-bundles.ts';
import type { DewSources } from '../../dew/sources.ts';
import type { Log } from '../../platform/log.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import { askNode } from '../ledger/ask-node.ts';
import { awaitNamed } from './await-named.ts';
import { askNonceNotes } from './ask-nonce-notes.ts';
import { askWitnesses, planAsking } from './ask-witnesses.ts';

/** Whom a dew's operator has it ask. */
export interface Asked {
  /** Where the anchor names none. */
  readonly node: string | undefined;
  readonly witnesses: readonly WitnessAddress[];
}

/** What sources are opened with; `home` is the anchor of the home's file. */
export interface OpenSourcesDeps {
  /** Reads anew what the operator wrote. @throws CONFIG */
  readonly readAsked: () => Promise<Asked>;
  readonly home: Anchor;
  readonly signer: LocalAccount | undefined;
  readonly crypto: ProofCrypto;
  readonly log: Log;
}

/** Refuses to begin where whom the home's own anchor trusts could never be asked. @throws CONFIG */
export function verifyCanAsk(anchor: Anchor, { node, witnesses }: Asked): void {
  askNode(anchor, { node });
  const { finality } = anchor;
  const { tooFew } = finality.kind === 'witnesses' ? planAsking(finality, witnesses) : {};
  if (tooFew) throw tooFew;
}

/**
 * Opens what a dew hears by an anchor. It follows no block that devices with that anchor would not believe: of a chain
 * that loses some it would never get free. Where too few of the witnesses can be asked it says so each time that it asks,
 * since an anchor that came from afar must not end a dew. @throws CONFIG (no node is known, the configuration does not read)
 */
export async function openDewSources(anchor: Anchor, deps: OpenSourcesDeps): Promise<DewSources> {
  const { signer, home, readAsked } = deps;
  const { finality } = anchor;
  const asked = await readAsked();
  // A home whose first anchor named a node need not name it again.
  const node = asked.node ?? (home.finality.kind === 'rpc' ? home.finality.url : undefined);
  const asking = askNode(anchor, { node });
  const life = new AbortController();
  const proving = openProving(anchor, {
    ...deps,
    witnesses: asked.witnesses,
    url: asking.finality.url,
    signal: life.signal,
  });
  const ledger = await openEvmLedger({ anchor: asking, signer, finalHead: proving?.finalHead });
  const { unasked = [] } = proving?.plan ?? {};
  const read = async () => (await readAsked()).witnesses;
  return {
    ledger,
    bundles: proving?.plan,
    supplied: unasked.length === 0 ? undefined : awaitNamed(unasked, { read, signal: life.signal }),
    askWitnesses:
      finality.kind === 'witnesses' ? askNonceNotes(asked.witnesses, { finality, signal: life.signal }) : undefined,
    close: async () => {
      life.abort();
      await ledger.close();
    },
  };
}

interface ProvingDeps extends Pick<Asked, 'witnesses'>, Pick<OpenSourcesDeps, 'crypto' | 'log'> {
  readonly url: string;
  readonly signal: AbortSignal;
}

function openProving(anchor: Anchor, deps: ProvingDeps) {
  const { finality, staleAfter, maxStaleness: keepSeconds } = anchor;
  if (finality.kind === 'rpc') return undefined;
  const { crypto, url } = deps;
  // A search for validators' headers can be long, and nobody else ends it: a dew that stops would wait for it.
  const made = { rpc: openRpc({ url, signal: deps.signal }), anchor, crypto };
  const { vouching, ...witnesses } = openVouchers(finality, made, deps);
  // Devices count a fact as fresh for long: an idle head need not be told of at once.
  const refreshEveryMs = Math.min(10_000, (staleAfter * 1000) / 64);
  const verify: BundlePlan['verify'] = (bundle, by) => void checkBundle(bundle, { anchor: by, now: 0n, crypto });
  const maker = createBundleMaker({ ...made, vouching });
  const plan: BundlePlan = { maker, verify, refreshEveryMs, keepSeconds, ...witnesses };
  return { plan, finalHead: async () => (await vouching.newest()).block };
}

function openVouchers(
  finality: Exclude<Finality, { kind: 'rpc' }>,
  made: MakeDeps,
  { witnesses, signal, log }: ProvingDeps,
): { readonly vouching: Vouching } & Pick<BundlePlan, 'unasked' | 'witnessTroubles'> {
  if (finality.kind === 'qbft') {
    return { vouching: openVouching(made, { ask: () => Promise.resolve(undefined), onTrouble: () => undefined }) };
  }
  const { unasked, tooFew } = planAsking(finality, witnesses);
  if (tooFew) return { vouching: nobodyVouches(tooFew), unasked };
  const asking = askWitnesses(witnesses, { finality, signal, log });
  return { vouching: openVouching(made, asking), unasked, witnessTroubles: asking.troubles };
}

function nobodyVouches(why: DewproofError): Vouching {
  return { newest: () => Promise.reject(why), of: () => undefined, recall: () => undefined };
}

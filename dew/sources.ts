import type { Bytes32 } from '../core/digest.ts';
import type { Ledger } from '../core/ledger/ledger.ts';
import type { Anchor } from '../core/state/anchor.ts';
import type { BundlePlan } from './bundles/follow-bundles.ts';

/** Has the witnesses that a dew can ask sign a nonce (32 bytes); those that do not answer in time are left out. */
export type AskWitnesses = (
  nonce: Bytes32,
) => Promise<readonly { readonly witness: string; readonly note: Uint8Array }[]>;

/** Where a dew hears by one anchor. */
export interface DewSources {
  /** As far as it counts by that anchor. */
  readonly ledger: Ledger;
  /** How proof bundles are made; undefined where the anchor trusts a node, and nothing can be proved. */
  readonly bundles?: BundlePlan | undefined;
  /** Resolves once the operator has said where more of those answer whom these can not ask: then they are opened anew. */
  readonly supplied?: Promise<void> | undefined;
  /** Undefined where the anchor has no witnesses. */
  readonly askWitnesses?: AskWitnesses | undefined;
  close(): Promise<void>;
}

/** Opens what a dew hears by `anchor`; nobody is asked yet. @throws CONFIG */
export type OpenSources = (anchor: Anchor) => Promise<DewSources>;

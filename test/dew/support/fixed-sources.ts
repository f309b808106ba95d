import type { Ledger } from '../../../core/ledger/ledger.ts';
import type { BundlePlan } from '../../../dew/bundles/follow-bundles.ts';
import type { OpenSources } from '../../../dew/sources.ts';

/** The same ledger and plan by whatever anchor; who made the ledger closes it. */
export function fixedSources(sources: {
  readonly ledger: Ledger;
  readonly bundles?: BundlePlan | undefined;
}): OpenSources {
  return () => Promise.resolve({ ...sources, close: () => Promise.resolve() });
}

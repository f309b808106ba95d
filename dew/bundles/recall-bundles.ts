import type { BundleMaker } from '../../core/state/bundle-maker.ts';
import type { Log } from '../../platform/log.ts';
import type { BundleStore } from './bundle-store.ts';

/** Has a maker learn from the bundles that were made before this start; what does not read any more teaches nothing. */
export function recallBundles(
  { loaded }: Pick<BundleStore, 'loaded'>,
  { maker, log }: { readonly maker: Pick<BundleMaker, 'recall'>; readonly log: Log },
): void {
  for (const [group, { bundle }] of loaded) {
    try {
      maker.recall(bundle.bytes);
    } catch (error) {
      log.warn({ error, group }, 'A stored bundle does not read any more; the node is asked for what it proved');
    }
  }
}

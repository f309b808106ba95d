import { openEdgeAnchors } from '../anchors/open-edge-anchors.ts';
import type { Opened } from '../close-all.ts';
import type { EdgeOptions } from '../edge-options.ts';
import { openBelief } from '../state/open-belief.ts';
import type { Ground } from './open-ground.ts';

/** What the device believes: its anchors, the ledger, and the time. */
export type Mind = Awaited<ReturnType<typeof openMind>>;

/** Opens what the device believes; from then on all goes by its own time. @throws STORE_CORRUPT */
export async function openMind(
  options: EdgeOptions & Ground & { readonly onHeard: (bundle: Uint8Array) => void },
  opened: Opened,
) {
  const anchors = await openEdgeAnchors(options);
  const belief = openBelief({
    ...options,
    anchor: anchors.current,
    standing: anchors.standing,
    missing: anchors.missing,
    note: anchors.note,
    onHeard: (bundle) => {
      options.metrics.heard();
      options.onHeard(bundle);
    },
  });
  opened.push(() => belief.close());
  const clock = belief.clock.now;
  options.time.now = clock;
  options.onClock?.(clock);
  return { anchors, belief, keeper: belief.keeper, clock };
}

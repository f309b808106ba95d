import { acceptBundle, type BundleQuestion } from '../../edge/accept-bundle.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';

/** Opens a bundle and holds it against what the device accepted before: the driver's one call of the room `edge`. */
export function openAndHold(question: BundleQuestion): VerifiedState {
  return acceptBundle(question);
}

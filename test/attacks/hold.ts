import type { VerifiedState } from '../../core/state/verified-state.ts';
import { openAnchored, verifyAccepted, type Accepted, type OpenQuestion } from '../../edge/state/accept-bundle.ts';

/** Opens a bundle and holds it against what the device accepted before: the driver's one use of the room `edge`. */
export function openAndHold({ lastBlock, seen, ...question }: OpenQuestion & Accepted): VerifiedState {
  const state = openAnchored(question);
  verifyAccepted(state, { lastBlock, seen });
  return state;
}

import type { Finality } from '../../core/state/finality.ts';
import type { AskWitnesses } from '../../dew/sources.ts';
import { askNonce } from '../../platform/witness/ask-nonce.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import { planAsking } from './ask-witnesses.ts';

/** Devices wait while a witness hangs. */
const TIMEOUT_MS = 3_000;

/** Has those of the anchor's witnesses that `addresses` tell of sign a nonce; also where they are no quorum: another dew may know the others. */
export function askNonceNotes(
  addresses: readonly WitnessAddress[],
  { finality, signal }: { readonly finality: Extract<Finality, { kind: 'witnesses' }>; readonly signal: AbortSignal },
): AskWitnesses {
  const { known: witnesses } = planAsking(finality, addresses);
  return (nonce) => askNonce(nonce, { witnesses, signal, timeoutMs: TIMEOUT_MS });
}

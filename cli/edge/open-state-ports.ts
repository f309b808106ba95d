import { createOpenState } from '../../chain/light/open-state.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import type { EdgeOptions } from '../../edge/edge-options.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import type { CloseLater } from '../daemon/close-in-turn.ts';
import type { DaemonSetup } from '../daemon/daemon-setup.ts';
import { askWitnessesNonce } from './ask-witnesses-nonce.ts';

/**
 * How an edge hears of the ledger: from the node that its anchor trusts, or else by proofs that dews hand over, and then
 * it opens no ledger at all. @throws CONFIG
 */
export async function openStatePorts(
  {
    anchor,
    account,
    witnesses,
  }: Pick<DaemonSetup, 'anchor' | 'account'> & { readonly witnesses: readonly WitnessAddress[] },
  closeLater: CloseLater,
): Promise<Pick<EdgeOptions, 'openState' | 'stateSource' | 'proofCrypto' | 'askNonce'>> {
  if (anchor.finality.kind === 'rpc') {
    const { openRpcPorts } = await import('./open-rpc-ports.ts');
    return openRpcPorts({ anchor, account }, closeLater);
  }
  const crypto = await loadProofCrypto();
  return {
    openState: createOpenState(crypto),
    proofCrypto: crypto.name,
    askNonce: witnesses.length === 0 ? undefined : askWitnessesNonce(witnesses),
  };
}

import { createOpenState } from '../../chain/light/open-state.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import type { OpenState } from '../../core/state/ports.ts';
import type { EdgeOptions } from '../../edge/edge-options.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import type { DaemonSetup } from '../daemon/daemon-setup.ts';
import { askForTime } from './ask-for-time.ts';

/**
 * How an edge hears of the ledger: from the node that its anchor trusts, or else by proofs that dews hand over, and then
 * it opens no ledger at all. The anchor may leave the node for proofs while it runs; no anchor leads back from afar.
 */
export async function openStatePorts({
  anchor,
  account,
  witnesses,
  dewUrls,
}: Pick<DaemonSetup, 'anchor' | 'account'> & {
  readonly witnesses: readonly WitnessAddress[];
  readonly dewUrls: readonly string[];
}): Promise<Pick<EdgeOptions, 'openState' | 'openNodeSource' | 'proofCrypto' | 'askNonce' | 'askable'>> {
  const crypto = await loadProofCrypto();
  const openProofs = createOpenState(crypto);
  const ports = {
    openState: openProofs,
    proofCrypto: crypto.name,
    askNonce: witnesses.length + dewUrls.length === 0 ? undefined : askForTime({ witnesses, dewUrls }),
    askable: witnesses.map(({ name }) => name),
  };
  if (anchor.finality.kind !== 'rpc') return ports;
  const { openRpcPorts } = await import('./open-rpc-ports.ts');
  const { openState: openSealed, openNodeSource } = openRpcPorts(account);
  const openState: OpenState = (bundle, trusted, now) =>
    (trusted.finality.kind === 'rpc' ? openSealed : openProofs)(bundle, trusted, now);
  return { ...ports, openNodeSource, openState };
}

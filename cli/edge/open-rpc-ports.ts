import { openEvmLedger } from '../../chain/evm/evm-ledger.ts';
import { deriveSealKey } from '../../chain/light/derive-seal-key.ts';
import { createRpcStateSource, openRpcState } from '../../chain/light/rpc-state.ts';
import type { EdgeOptions } from '../../edge/edge-options.ts';
import type { CloseLater } from '../daemon/close-in-turn.ts';
import type { DaemonSetup } from '../daemon/daemon-setup.ts';

/** Reads the ledger from the node that the anchor trusts; nobody is asked yet. @throws CONFIG */
export async function openRpcPorts(
  { anchor, account }: Pick<DaemonSetup, 'anchor' | 'account'>,
  closeLater: CloseLater,
): Promise<Pick<EdgeOptions, 'openState' | 'stateSource'>> {
  const ledger = await openEvmLedger({ anchor });
  closeLater(() => ledger.close());
  const sealKey = deriveSealKey(account);
  const stateSource = createRpcStateSource({ ledger, account: account.account, sealKey });
  closeLater(() => stateSource.close());
  return { stateSource, openState: openRpcState(sealKey) };
}

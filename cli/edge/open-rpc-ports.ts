import { openEvmLedger } from '../../chain/evm/evm-ledger.ts';
import { deriveSealKey } from '../../chain/light/derive-seal-key.ts';
import { createRpcStateSource, openRpcState } from '../../chain/light/rpc-state.ts';
import type { OpenState } from '../../core/state/ports.ts';
import type { OpenNodeSource } from '../../edge/state/anchored-source.ts';
import type { DaemonSetup } from '../daemon/daemon-setup.ts';

/** Reads the ledger from the node that an anchor trusts, and opens what was read so; nobody is asked yet. */
export function openRpcPorts(account: DaemonSetup['account']): {
  readonly openState: OpenState;
  readonly openNodeSource: OpenNodeSource;
} {
  const sealKey = deriveSealKey(account);
  return {
    openState: openRpcState(sealKey),
    openNodeSource: async (anchor) => {
      const ledger = await openEvmLedger({ anchor });
      const source = createRpcStateSource({ ledger, account: account.account, sealKey });
      return {
        ...source,
        close: async () => {
          await source.close();
          await ledger.close();
        },
      };
    },
  };
}

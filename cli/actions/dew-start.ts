import { openEvmLedger } from '../../chain/evm/evm-ledger.ts';
import { DewproofError } from '../../core/errors.ts';
import { startDew, type Dew, type DewConfig } from '../../dew/start-dew.ts';
import { openLog, type Log } from '../../platform/log.ts';
import { createLogRing, type LogRing } from '../../platform/log-ring.ts';
import type { DewStartOptions } from '../commands/dew-start.ts';
import { closeInTurn, type CloseLater } from '../daemon/close-in-turn.ts';
import { dewPorts } from '../daemon/daemon-ports.ts';
import { openCallVerifier, openDaemonSetup, type DaemonSetup } from '../daemon/daemon-setup.ts';
import { runDaemon } from '../daemon/run-daemon.ts';

/**
 * Runs this host as a dew until told to stop; with the ledger out of reach it serves what it has.
 * @throws CONFIG, KEY_MISSING, WRONG_PASSWORD, STORE_LOCKED, STORE_CORRUPT, DISK_FULL, PORT_IN_USE
 */
export async function startDewDaemon(options: DewStartOptions): Promise<void> {
  const setup = await openDaemonSetup(options, dewPorts);
  const config = dewConfigOf(setup, options);
  const logRing = createLogRing();
  const log = openLog({ name: 'dew', level: options.logLevel, ring: logRing });
  await closeInTurn(async (closeLater) => {
    const dew = await openDew({ setup, config, log, logRing }, closeLater);
    await runDaemon({ ...dew, account: setup.account.account }, log);
  });
}

async function openDew(
  {
    setup,
    config,
    ...logging
  }: { readonly setup: DaemonSetup; readonly config: DewConfig; readonly log: Log; readonly logRing: LogRing },
  closeLater: CloseLater,
): Promise<Dew> {
  const { verifyCall, close } = await openCallVerifier(setup);
  closeLater(close);
  // Only a dew that anchors receipts writes; any other can't.
  const signer = config.anchorReceipts === undefined ? undefined : setup.account;
  const ledger = await openEvmLedger({ anchor: setup.anchor, signer });
  closeLater(() => ledger.close());
  const { anchor } = setup;
  const { account } = setup.account;
  const dew = await startDew({
    config,
    account,
    anchor,
    ledger,
    verifyCall,
    clock: Date.now,
    random: Math.random,
    ...logging,
  });
  closeLater(() => dew.close());
  return dew;
}

function dewConfigOf(setup: DaemonSetup, options: DewStartOptions): DewConfig {
  const groups = options.group ?? setup.home.config.daemon.groups;
  if (groups.length === 0) {
    throw new DewproofError('CONFIG', 'The groups to serve are not known; name them with --group or in config.yaml.');
  }
  const { dataFolder, host, port, mqttPort, anchor, authorities, metrics } = setup;
  const anchoring =
    options.anchorReceipts === true ? { anchorReceipts: { atReceipts: 256, afterMs: options.anchorAfter } } : {};
  return { dataFolder, host, port, mqttPort, tenant: anchor.tenant, groups, authorities, metrics, ...anchoring };
}

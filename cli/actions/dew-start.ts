import { openEvmLedger } from '../../chain/evm/evm-ledger.ts';
import { DewproofError } from '../../core/errors.ts';
import { describeTrust } from '../../core/state/describe-trust.ts';
import { startDew, type Dew, type DewConfig } from '../../dew/start-dew.ts';
import { openLog, type Log } from '../../platform/log.ts';
import { createLogRing, type LogRing } from '../../platform/log-ring.ts';
import type { DewStartOptions } from '../commands/dew-start.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import { closeInTurn, type CloseLater } from '../daemon/close-in-turn.ts';
import { dewPorts } from '../daemon/daemon-ports.ts';
import { openCallVerifier, openDaemonSetup, type DaemonSetup } from '../daemon/daemon-setup.ts';
import { readAnchorFile } from '../home/read-anchor-file.ts';
import { openProving } from '../dew/open-proving.ts';
import { askNode } from '../ledger/ask-node.ts';
import { runDaemon } from '../daemon/run-daemon.ts';

/**
 * Runs this host as a dew until told to stop; with the ledger out of reach it serves what it has.
 * @throws CONFIG, KEY_MISSING, WRONG_PASSWORD, STORE_LOCKED, STORE_CORRUPT, DISK_FULL, PORT_IN_USE
 */
export async function startDewDaemon(options: DewStartOptions): Promise<void> {
  const setup = await openDaemonSetup(options, dewPorts);
  const config = dewConfigOf(setup, options);
  const { node, witnesses } = setup.home.config;
  const asked = { node: options.node ?? node, witnesses: options.witness ?? witnesses };
  const logRing = createLogRing();
  const log = openLog({ name: 'dew', level: options.logLevel, ring: logRing });
  await closeInTurn(async (closeLater) => {
    const dew = await openDew({ setup, config, asked, log, logRing }, closeLater);
    await runDaemon({ ...dew, account: setup.account.account }, log);
  });
}

async function openDew(
  {
    setup,
    config,
    asked,
    ...logging
  }: {
    readonly setup: DaemonSetup;
    readonly config: DewConfig;
    readonly asked: { readonly node: string | undefined; readonly witnesses: readonly WitnessAddress[] };
    readonly log: Log;
    readonly logRing: LogRing;
  },
  closeLater: CloseLater,
): Promise<Dew> {
  const { verifyCall, close } = await openCallVerifier(setup);
  closeLater(close);
  // Only a dew that anchors receipts writes; any other can't.
  const signer = config.anchorReceipts === undefined ? undefined : setup.account;
  const anchor = askNode(setup.anchor, asked);
  const life = new AbortController();
  closeLater(() => {
    life.abort();
    return Promise.resolve();
  });
  const { url } = anchor.finality;
  const proving = await openProving(setup.anchor, { ...asked, url, signal: life.signal, log: logging.log });
  const ledger = await openEvmLedger({ anchor, signer, finalHead: proving?.finalHead });
  closeLater(() => ledger.close());
  const { account } = setup.account;
  const bundles = proving?.plan;
  const world = { clock: Date.now, random: Math.random, ...logging };
  const anchors = { anchor: setup.anchor, signedAnchor: await readAnchorFile(setup.anchorFile) };
  const told = proving === undefined ? config : { ...config, witnessTroubles: proving.witnessTroubles };
  const dew = await startDew({ config: told, account, ...anchors, ledger, bundles, verifyCall, ...world });
  closeLater(() => dew.close());
  return dew;
}

function dewConfigOf(setup: DaemonSetup, options: DewStartOptions): DewConfig {
  const groups = options.group ?? setup.home.config.daemon.groups;
  if (groups.length === 0) {
    throw new DewproofError('CONFIG', 'The groups to serve are not known; name them with --group or in config.yaml.');
  }
  const { dataFolder, host, port, mqttPort, anchor, authorities, metrics } = setup;
  const trusts = describeTrust(anchor);
  const anchoring =
    options.anchorReceipts === true ? { anchorReceipts: { atReceipts: 256, afterMs: options.anchorAfter } } : {};
  return {
    dataFolder,
    host,
    port,
    mqttPort,
    tenant: anchor.tenant,
    groups,
    authorities,
    metrics,
    trusts,
    ...anchoring,
  };
}

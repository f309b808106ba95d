import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { startDew, type Dew, type DewConfig } from '../../dew/start-dew.ts';
import { openLog, type Log } from '../../platform/log.ts';
import { createLogRing, type LogRing } from '../../platform/log-ring.ts';
import type { DewStartOptions } from '../commands/dew-start.ts';
import { closeInTurn, type CloseLater } from '../daemon/close-in-turn.ts';
import { dewPorts } from '../daemon/daemon-ports.ts';
import { openCallVerifier, openDaemonSetup, type DaemonSetup } from '../daemon/daemon-setup.ts';
import { readServedAnchor } from '../home/read-served-anchor.ts';
import { openHome, type Home } from '../home/open-home.ts';
import { isSignedBy } from '../is-signed-by.ts';
import { openDewSources, verifyCanAsk, type Asked } from '../dew/open-sources.ts';
import { runDaemon } from '../daemon/run-daemon.ts';

/**
 * Runs this host as a dew until told to stop; with the ledger out of reach it serves what it has.
 * @throws CONFIG, KEY_MISSING, WRONG_PASSWORD, STORE_LOCKED, STORE_CORRUPT, DISK_FULL, PORT_IN_USE
 */
export async function startDewDaemon(options: DewStartOptions): Promise<void> {
  const setup = await openDaemonSetup(options, dewPorts);
  const config = dewConfigOf(setup, options);
  verifyCanAsk(setup.anchor, askedOf(setup.home, options));
  const logRing = createLogRing();
  const log = openLog({ name: 'dew', level: options.logLevel, ring: logRing });
  await closeInTurn(async (closeLater) => {
    const dew = await openDew({ setup, config, options, log, logRing }, closeLater);
    await runDaemon({ ...dew, account: setup.account.account }, log);
  });
}

async function openDew(
  {
    setup,
    config,
    options,
    ...logging
  }: {
    readonly setup: DaemonSetup;
    readonly config: DewConfig;
    readonly options: DewStartOptions;
    readonly log: Log;
    readonly logRing: LogRing;
  },
  closeLater: CloseLater,
): Promise<Dew> {
  const { verifyCall, close } = await openCallVerifier(setup);
  closeLater(close);
  const { account, anchor, anchorFile } = setup;
  const { log } = logging;
  // Only a dew that anchors receipts writes; any other can't.
  const signer = config.anchorReceipts === undefined ? undefined : account;
  const crypto = await loadProofCrypto();
  // Read anew: who has another anchor signed writes down where its witnesses answer, before or after.
  const readAsked = async () => askedOf(await openHome(options.home), options);
  const openSources = (inUse: Anchor) => openDewSources(inUse, { readAsked, home: anchor, signer, crypto, log });
  const anchors = { anchor, signedAnchor: await readServedAnchor(anchorFile, log) };
  const world = { clock: Date.now, random: Math.random, ...logging };
  const dew = await startDew({
    config,
    account: account.account,
    ...anchors,
    openSources,
    verifyCall,
    isSignedBy,
    ...world,
  });
  closeLater(() => dew.close());
  return dew;
}

/** Options go over the home's config.yaml, which may name a newer anchor's witnesses beside them. */
function askedOf({ config }: Home, { node, witness = [] }: DewStartOptions): Asked {
  const others = config.witnesses.filter(({ name }) => !witness.some((one) => one.name === name));
  return { node: node ?? config.node, witnesses: [...witness, ...others] };
}

function dewConfigOf(setup: DaemonSetup, options: DewStartOptions): DewConfig {
  const groups = options.group ?? setup.home.config.daemon.groups;
  if (groups.length === 0) {
    throw new DewproofError('CONFIG', 'The groups to serve are not known; name them with --group or in config.yaml.');
  }
  const { dataFolder, host, port, mqttPort, anchor, authorities, metrics } = setup;
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
    ...anchoring,
  };
}

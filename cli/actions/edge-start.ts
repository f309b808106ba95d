import { durationMs } from '../../core/document/duration.ts';
import { DewproofError } from '../../core/errors.ts';
import type { EdgeConfig, EdgeOptions } from '../../edge/edge-options.ts';
import { startEdge, type Edge } from '../../edge/start-edge.ts';
import type { Clock } from '../../platform/clock.ts';
import { openLog, type Log } from '../../platform/log.ts';
import { openSecretVault } from '../../platform/secrets/open-vault.ts';
import { createLogRing, type LogRing } from '../../platform/log-ring.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';
import type { EdgeStartOptions } from '../commands/edge-start.ts';
import { closeInTurn, type CloseLater } from '../daemon/close-in-turn.ts';
import { edgePorts } from '../daemon/daemon-ports.ts';
import { openCallVerifier, openDaemonSetup, type DaemonSetup } from '../daemon/daemon-setup.ts';
import { runDaemon } from '../daemon/run-daemon.ts';
import { openStatePorts } from '../edge/open-state-ports.ts';
import { isSignedBy } from '../is-signed-by.ts';
import { openCallSigner } from '../session.ts';

/**
 * Runs this host as an edge until told to stop. What it verified before runs again with neither chain nor dew in
 * reach: opening asks nobody, and the state source goes on trying.
 * @throws CONFIG, KEY_MISSING, WRONG_PASSWORD, STORE_LOCKED, STORE_CORRUPT, DISK_FULL, PORT_IN_USE
 */
export async function startEdgeDaemon(options: EdgeStartOptions): Promise<void> {
  const setup = await openDaemonSetup(options, edgePorts);
  const config = edgeConfigOf(setup, options);
  const logRing = createLogRing();
  const log = openLog({ name: 'edge', level: options.logLevel, ring: logRing });
  await closeInTurn(async (closeLater) => {
    const witnesses = options.witness ?? setup.home.config.witnesses;
    const edge = await openEdge({ setup, config, witnesses, log, logRing }, closeLater);
    await runDaemon({ ...edge, account: setup.account.account }, log);
  });
}

async function openEdge(
  {
    setup,
    config,
    witnesses,
    ...logging
  }: {
    readonly setup: DaemonSetup;
    readonly config: EdgeConfig;
    readonly witnesses: readonly WitnessAddress[];
    readonly log: Log;
    readonly logRing: LogRing;
  },
  closeLater: CloseLater,
): Promise<Edge> {
  const { anchor, account } = setup;
  // The host's until the device has its own, which it goes by where the host's is wrong.
  const time: { clock: Clock } = { clock: Date.now };
  const clock = () => time.clock();
  const { verifyCall, close } = await openCallVerifier(setup, clock);
  closeLater(close);
  const options: EdgeOptions = {
    ...(await openStatePorts({ ...setup, ...config, witnesses })),
    config,
    account: account.account,
    anchor,
    verifyCall,
    isSignedBy,
    vault: openSecretVault(account),
    signer: await openCallSigner({ anchor, clock }, account),
    signMessage: (message) => account.signMessage(message),
    clock: Date.now,
    onClock: (own) => {
      time.clock = own;
    },
    random: Math.random,
    ...logging,
  };
  const edge = await startEdge(options);
  closeLater(() => edge.close());
  return edge;
}

function edgeConfigOf(setup: DaemonSetup, options: EdgeStartOptions): EdgeConfig {
  const { dews, daemon } = setup.home.config;
  const group = options.group ?? daemon.groups[0];
  if (group === undefined) {
    throw new DewproofError('CONFIG', "The device's group is not known; name it with --group or in config.yaml.");
  }
  const mqttUrl = options.mqttUrl ?? (options.mqttPort === undefined ? daemon.mqttUrl : undefined);
  return {
    dataFolder: setup.dataFolder,
    host: setup.host,
    port: setup.port,
    mqtt: mqttUrl === undefined ? { embedded: { host: setup.host, port: setup.mqttPort } } : { url: mqttUrl },
    tenant: setup.anchor.tenant,
    group,
    dewUrls: options.dew ?? dews,
    hintUrls: options.hints ?? daemon.hints,
    peerUrls: options.peer ?? daemon.peers,
    ...(options.every !== undefined && { pollEveryMs: durationMs(options.every) }),
    authorities: setup.authorities,
    metrics: setup.metrics,
  };
}

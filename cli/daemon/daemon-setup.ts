import { join, resolve } from 'node:path';
import type { LocalAccount } from '../../chain/evm/local-account.ts';
import type { VerifyCall } from '../../core/calls.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { createLevelNonces } from '../../platform/calls/level-nonces.ts';
import { createCallVerifier } from '../../platform/calls/verify-call.ts';
import type { Clock } from '../../platform/clock.ts';
import type { MetricsListener } from '../../platform/metrics/metrics-routes.ts';
import { makeDataFolder } from '../../platform/store/make-data-folder.ts';
import { openStore, sublevelOf } from '../../platform/store/open-store.ts';
import { openAccount } from '../home/open-account.ts';
import { openHome, type Home } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { isSignedBy } from '../is-signed-by.ts';
import { chainIdOf } from '../ledger/chain-id.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { metricsOf } from './metrics-options.ts';

/** Who a daemon is and where it stands: its options over its `config.yaml` over `defaults`. */
export interface DaemonSetup {
  readonly home: Home;
  readonly anchor: Anchor;
  /** Where it was read from (absolute). */
  readonly anchorFile: string;
  readonly account: LocalAccount;
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  readonly mqttPort: number;
  readonly authorities: readonly string[];
  /** Where metrics are served unsigned; nowhere where undefined. */
  readonly metrics: MetricsListener | undefined;
}

/** Reads all that a daemon needs from disk; neither chain nor dew is asked. @throws CONFIG, KEY_MISSING, WRONG_PASSWORD */
export async function openDaemonSetup(
  options: DaemonOptions,
  defaults: { readonly port: number; readonly mqttPort: number },
): Promise<DaemonSetup> {
  const home = await openHome(options.home);
  const { daemon } = home.config;
  const anchorFile = options.anchor === undefined ? home.anchorFile : resolve(options.anchor);
  return {
    home,
    anchor: await readAnchor(anchorFile),
    anchorFile,
    account: await openAccount(home, options),
    dataFolder: options.data === undefined ? home.dataFolder : resolve(options.data),
    host: options.host ?? daemon.host,
    port: options.port ?? daemon.port ?? defaults.port,
    mqttPort: options.mqttPort ?? daemon.mqttPort ?? defaults.mqttPort,
    authorities: options.authority ?? daemon.authorities,
    metrics: metricsOf(options, daemon),
  };
}

/** Opens the check of who signed a call; nonces outlive the process, so a call is not taken twice over a restart. */
export async function openCallVerifier(
  { dataFolder, anchor }: Pick<DaemonSetup, 'dataFolder' | 'anchor'>,
  clock: Clock = Date.now,
): Promise<{ verifyCall: VerifyCall; close: () => Promise<void> }> {
  await makeDataFolder(dataFolder);
  const store = await openStore(join(dataFolder, 'calls'));
  const nonces = createLevelNonces(sublevelOf(store, 'nonces'), clock);
  const verifyCall = createCallVerifier({ nonces, isSignedBy, clock, chainId: chainIdOf(anchor) });
  return { verifyCall, close: () => store.close() };
}

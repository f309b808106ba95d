import { join } from 'node:path';
import type { Account } from '../core/account.ts';
import type { VerifyCall } from '../core/calls.ts';
import type { DewproofError } from '../core/errors.ts';
import { groupIdOf, type Name } from '../core/ids.ts';
import type { IsSignedBy } from '../core/signatures.ts';
import type { Anchor } from '../core/state/anchor.ts';
import type { SignedAnchor } from '../core/state/signed-anchor.ts';
import { importAnchors } from '../platform/anchors/import-anchors.ts';
import { openAnchors } from '../platform/anchors/open-anchors.ts';
import type { Clock } from '../platform/clock.ts';
import { startControlServer } from '../platform/control/control-server.ts';
import { logStream } from '../platform/control/log-stream.ts';
import { createApp } from '../platform/http/create-app.ts';
import { inFront } from '../platform/http/in-front.ts';
import { listen } from '../platform/http/listen.ts';
import type { Log } from '../platform/log.ts';
import type { LogRing } from '../platform/log-ring.ts';
import { listenForMetrics, type MetricsListener } from '../platform/metrics/metrics-routes.ts';
import { makeDataFolder } from '../platform/store/make-data-folder.ts';
import { openStore } from '../platform/store/open-store.ts';
import { openBundleStore } from './bundles/bundle-store.ts';
import { createSeenDevices } from './bundles/seen-devices.ts';
import { openCatalog } from './documents/catalog.ts';
import { openContentStore } from './documents/content-store.ts';
import { followAnchor } from './follow-anchor.ts';
import { startHintBroker } from './hint-broker.ts';
import { createBundleRoute } from './http/bundle-route.ts';
import { dewRoutes } from './http/dew-routes.ts';
import { openStateStore } from './ledger/state-store.ts';
import { createDewMetrics } from './metrics/dew-metrics.ts';
import { createNonceBatches } from './nonces/batch-nonces.ts';
import { openPlacementStore } from './placement/placement-store.ts';
import { openRolloutStore } from './rollout/rollout-store.ts';
import { createDewRollouts } from './rollout/rollouts.ts';
import { createProvisioning } from './provisioning.ts';
import { openKeyStore } from './secrets/key-store.ts';
import { openSecretStore } from './secrets/secret-store.ts';
import { startReceipts } from './receipts/start-receipts.ts';
import type { OpenSources } from './sources.ts';
import { readDewStatus, type DewStatus } from './status.ts';

/** How a dew is set up. */
export interface DewConfig {
  /** Holds the database and the control socket; nobody else opens it. */
  readonly dataFolder: string;
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  readonly mqttPort: number;
  readonly tenant: Name;
  /** The groups that it serves. */
  readonly groups: readonly Name[];
  /** Names (`host:port`) that callers know this dew by, beside its addresses. */
  readonly authorities?: readonly string[];
  /** How many versions of each resource are kept that the ledger names no more; default 5. */
  readonly keepVersions?: number;
  /** When it anchors its devices' receipts on the ledger, as `account`; it does not where this is left out. */
  readonly anchorReceipts?: { readonly atReceipts: number; readonly afterMs: number };
  /** Where metrics are served unsigned; nowhere where left out. */
  readonly metrics?: MetricsListener | undefined;
}

/** A dew and the ports that it stands on; `random` answers 0 up to but not including 1. */
export interface DewOptions {
  readonly config: DewConfig;
  readonly account: Account;
  /** Of its home: it goes by the newest of the signed anchors that follow from it, keeps and serves them. */
  readonly anchor: Anchor;
  /** The same with its signatures, where roots signed it. */
  readonly signedAnchor?: SignedAnchor | undefined;
  /** Asked for the anchor that is in use, and again whenever another is. */
  readonly openSources: OpenSources;
  readonly verifyCall: VerifyCall;
  readonly isSignedBy: IsSignedBy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** What the log keeps in memory, for the operator's `logs`. */
  readonly logRing?: LogRing;
}

/** A running dew server. */
export interface Dew {
  readonly url: string;
  /** Where devices listen for hints. */
  readonly mqttUrl: string;
  /** `http://host:port/metrics`, unsigned, where that was asked for. */
  readonly metricsUrl?: string;
  status(): DewStatus;
  /** Resolved once it is closed, by `close` or by its operator. */
  readonly closed: Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Starts a dew: its store, its broker, its view of the ledger, then its faces. A ledger out of reach keeps nothing
 * from starting: what the disk holds is served.
 * @throws STORE_LOCKED, STORE_CORRUPT, DISK_FULL, PORT_IN_USE, CONFIG
 */
export async function startDew(options: DewOptions): Promise<Dew> {
  const opened: (() => Promise<void>)[] = [];
  try {
    return await openDew(options, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function openDew(options: DewOptions, opened: (() => Promise<void>)[]): Promise<Dew> {
  const { config, account, log, clock } = options;
  const { tenant } = config;
  const groups = new Map(config.groups.map((name) => [groupIdOf({ tenant, name }), name]));
  const groupIds = new Set(groups.keys());
  await makeDataFolder(config.dataFolder);
  const store = await openStore(join(config.dataFolder, 'store'));
  opened.push(() => store.close());
  const documents = openContentStore(store, { name: 'documents', log });
  const artifacts = openContentStore(store, { name: 'artifacts', log });
  const catalog = await openCatalog(documents, log);
  const { signedAnchor: signed, isSignedBy } = options;
  const anchors = await openAnchors(store, { ...anchorsDeps(options), signed });
  const stateStore = await openStateStore(store, { anchor: anchors.current() });
  const bundleStore = await openBundleStore(store, { groups: groupIds, log });
  const placements = await openPlacementStore(store);
  const rollouts = createDewRollouts({ store: await openRolloutStore(store, log), nowMs: clock, isSignedBy });

  const broker = await startHintBroker({ host: config.host, port: config.mqttPort, groups: groupIds, log });
  opened.push(() => broker.close());
  const { hint } = broker;
  const content = { documents, artifacts, catalog };
  const { keepVersions = 5 } = config;
  const provisioning = createProvisioning({ tenant, groups: groupIds, ...content, placements, keepVersions, hint });
  if (stateStore.loaded) await provisioning.takeState(stateStore.loaded);
  const onChange = provisioning.takeState;
  const { openSources, random } = options;
  const elapsedMs = () => performance.now();
  const asked = { anchors, openSources, stateStore, bundleStore };
  const followed = await followAnchor({ ...asked, groups: groupIds, onChange, hint, random, elapsedMs, log });
  opened.push(() => followed.close());
  const { follower, ledger } = followed;
  const bundles = () => followed.bundles();

  const receipts = await startReceipts({ store, ledger, plan: config.anchorReceipts, random, log });
  opened.push(receipts.close);

  const { verifyCall } = options;
  const authorities = config.authorities ?? [];
  const sealed = { store: await openSecretStore(store, log), keys: await openKeyStore(store, log) };
  const secrets = { ...sealed, groups: groupIds, hint };
  const shown = { provisioning, follower, ...content, rollouts, secrets, receipts: receipts.store, anchors };
  const metrics = createDewMetrics();
  const { registry, timeCalls } = metrics;
  const proving = { bundles, seen: createSeenDevices(), metrics, log };
  const nonces = createNonceBatches({ ask: followed.askWitnesses, asked: metrics.carried });
  opened.push(nonces.close);
  const routes = dewRoutes({ verifyCall, isSignedBy, authorities, ...shown, ...proving, nonces, hint, clock });
  const app = inFront(createBundleRoute(proving), createApp({ routes, log, timeCalls }));
  const server = await listen(app, { host: config.host, port: config.port });
  opened.push(() => server.close());
  const metricsServer = config.metrics && (await listenForMetrics(config.metrics, { registry, log }));
  if (metricsServer) opened.push(() => metricsServer.close());

  const urls = {
    url: server.url,
    mqttUrl: broker.url,
    ...(metricsServer && { metricsUrl: `${metricsServer.url}/metrics` }),
  };
  const status = (): DewStatus =>
    readDewStatus({
      account,
      tenant,
      groups,
      ...urls,
      provisioning,
      follower,
      catalog,
      bundles: bundles(),
      anchor: followed.anchor(),
      refusal: followed.refusal(),
      receipts: receipts.status,
      clock,
    });
  metrics.watch({ status, documents: () => catalog.size() });
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= closeAll(opened).finally(() => {
      resolve(undefined);
    }));
  const commands = {
    status: () => Promise.resolve(status()),
    'import-anchors': importAnchors(anchors),
    stop: () => {
      // Answered first: closing waits until this very answer has gone out.
      setImmediate(() => void close());
      return Promise.resolve({ stopping: true });
    },
  };
  const streams = options.logRing && { logs: logStream(options.logRing) };
  const control = await startControlServer({ folder: config.dataFolder, commands, ...(streams && { streams }), log });
  opened.push(() => control.close());
  return { ...urls, status, closed, close };
}

function anchorsDeps({
  anchor,
  isSignedBy,
  log,
}: Pick<DewOptions, 'anchor' | 'isSignedBy' | 'log'>): Parameters<typeof openAnchors>[1] {
  const onTrouble = ({ code, message }: DewproofError) => {
    log.warn({ code }, `Signed anchors that were kept do not follow from the home's: ${message}`);
  };
  return { anchor, isSignedBy, onTrouble };
}

/** Closes in the reverse order of opening; one that fails keeps none of the others open. */
async function closeAll(opened: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of opened.splice(0).reverse()) {
    await close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, 'closing the dew failed');
}

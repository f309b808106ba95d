import { join } from 'node:path';
import type { Account } from '../core/account.ts';
import type { CallSigner, VerifyCall } from '../core/calls.ts';
import { groupIdOf, type Name, type ResourceId } from '../core/ids.ts';
import type { SecretVault } from '../core/secrets/secret-vault.ts';
import type { SignMessage } from '../core/receipts/ports.ts';
import type { DewproofError, ErrorCode } from '../core/errors.ts';
import type { Anchor } from '../core/state/anchor.ts';
import type { AskNonce, OpenState, StateSource } from '../core/state/ports.ts';
import type { Clock } from '../platform/clock.ts';
import { startControlServer } from '../platform/control/control-server.ts';
import { logStream } from '../platform/control/log-stream.ts';
import { createApp } from '../platform/http/create-app.ts';
import { inFront } from '../platform/http/in-front.ts';
import { listen } from '../platform/http/listen.ts';
import type { Log } from '../platform/log.ts';
import { isSignedBy } from '../platform/statements/is-signed-by.ts';
import type { LogRing } from '../platform/log-ring.ts';
import { listenForMetrics, type MetricsListener } from '../platform/metrics/metrics-routes.ts';
import { makeDataFolder } from '../platform/store/make-data-folder.ts';
import { openStore } from '../platform/store/open-store.ts';
import { startAgent } from './agent.ts';
import { openEdgeAnchors } from './anchors/open-edge-anchors.ts';
import { openBus, type BusConfig } from './bus/open-bus.ts';
import { closeAll } from './close-all.ts';
import { createDiskTrouble } from './disk-trouble.ts';
import { createDewClient } from './dew-client.ts';
import { followHints } from './follow-hints.ts';
import { openHosts } from './hosts/open-hosts.ts';
import type { StartHost } from './hosts/host.ts';
import { edgeRoutes } from './http/edge-routes.ts';
import { createKeyValuesStore } from './kv/key-values-store.ts';
import { importBundle } from './import-bundle.ts';
import type { ReadLinks } from './network/host-link.ts';
import { readLinks } from './network/read-links.ts';
import { watchLinks } from './network/watch-links.ts';
import { createEdgeMetrics } from './metrics/edge-metrics.ts';
import { createObserver } from './observer.ts';
import { openReadings } from './readings/open-readings.ts';
import { startReceipts } from './receipts/start-receipts.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { openSecrets } from './secrets/open-secrets.ts';
import { bundleRoute } from './state/bundle-route.ts';
import { openBelief } from './state/open-belief.ts';
import { followTime } from './state/follow-time.ts';
import { openSources } from './state/open-sources.ts';
import { freshnessOfResource, trustStatus } from './state/trust-status.ts';
import { readStatus, type EdgeStatus } from './status.ts';
import { createEdgeStore } from './store/edge-store.ts';
import { openMemory } from './store/open-memory.ts';
import { createTransports } from './transports/create-transports.ts';
import type { StoredReport } from './verify-stored.ts';

const POLL_EVERY_MS = 10_000;
const LOOK_AT_LINKS_EVERY_MS = 2000;

/** How a device is set up. */
export interface EdgeConfig {
  /** Holds the database and the control socket; nobody else opens it. */
  readonly dataFolder: string;
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  readonly mqtt: BusConfig;
  readonly tenant: Name;
  readonly group: Name;
  /** The first that answers well counts. */
  readonly dewUrls: readonly string[];
  /** The dews' brokers, `mqtt://host:port`, for hints; without them the device asks at its interval only. */
  readonly hintUrls?: readonly string[];
  /** Names (`host:port`) that callers know this edge by, beside its addresses. */
  readonly authorities?: readonly string[];
  /** Other edges of the group (`http://host:port`), which tell of newer heads. */
  readonly peerUrls?: readonly string[];
  /** Default 10,000. */
  readonly pollEveryMs?: number;
  /** Where metrics are served unsigned; nowhere where left out. */
  readonly metrics?: MetricsListener | undefined;
}

/** A device and the ports that it stands on; `random` answers 0 up to but not including 1. */
export interface EdgeOptions {
  readonly config: EdgeConfig;
  readonly account: Account;
  readonly anchor: Anchor;
  /** Default: the dews' proof bundles, and those of other edges. */
  readonly stateSource?: StateSource;
  readonly openState: OpenState;
  /** Which implementations check proofs, in words. */
  readonly proofCrypto?: string;
  /** Without it, time spent without power is not seen. */
  readonly askNonce?: AskNonce | undefined;
  readonly verifyCall: VerifyCall;
  readonly signer: CallSigner;
  /** What the device's private key does for secrets. */
  readonly vault: SecretVault;
  /** Runtimes beside those of the edge itself, by kind. */
  readonly hosts?: Readonly<Record<string, StartHost>>;
  /** Signs receipts and outcomes of rollouts as `account`. */
  readonly signMessage: SignMessage;
  /** The host's clock. */
  readonly clock: Clock;
  /** Hears of the device's own time, once there is one: the better clock for everything else in the process. */
  readonly onClock?: (clock: Clock) => void;
  /** When the running release was made, in milliseconds since the Unix epoch; default this one. */
  readonly releasedAtMs?: number;
  readonly random: () => number;
  readonly log: Log;
  /** Default: this host's. */
  readonly readLinks?: ReadLinks;
  /** What the log keeps in memory, for the operator's `logs`. */
  readonly logRing?: LogRing;
}

/** A running device. */
export interface Edge {
  /** `http://host:port`, where views are read. */
  readonly url: string;
  /** `mqtt://host:port`, where sensors publish. */
  readonly mqttUrl: string;
  /** `http://host:port/metrics`, unsigned, where that was asked for. */
  readonly metricsUrl?: string;
  status(): EdgeStatus;
  /** Verifies what the disk holds, without stopping anything. @throws STORE_CORRUPT (it can't be read at all) */
  verify(): Promise<StoredReport>;
  /** Resolved once it is closed, by `close` or by its operator. */
  readonly closed: Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Starts a device: its store, its broker, its agent, then its faces.
 * @throws STORE_LOCKED, STORE_CORRUPT, DISK_FULL, PORT_IN_USE, CONFIG
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const opened: (() => Promise<void>)[] = [];
  try {
    return await openEdge(options, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function openEdge(options: EdgeOptions, opened: (() => Promise<void>)[]): Promise<Edge> {
  const { config, account, log } = options;
  await makeDataFolder(config.dataFolder);
  const database = await openStore(join(config.dataFolder, 'store'));
  opened.push(() => database.close());
  const store = createEdgeStore(database);
  const metrics = createEdgeMetrics({ elapsedMs: () => performance.now() });
  const onRecord = ({ about, code }: { about: string; code: ErrorCode }) => {
    metrics.refused({ by: 'daemon', code });
    if (about === 'ledger') metrics.lost();
  };
  // The host's until the device has its own.
  const time = { now: options.clock };
  const refusals = createRefusals({ clock: () => time.now(), log, onRecord });
  const memory = await openMemory(store, refusals);

  const anchors = await openEdgeAnchors({ database, anchor: options.anchor, refusals });
  const belief = openBelief({
    ...options,
    anchor: () => anchors.current(),
    memory,
    store,
    refusals,
    onHeard: (bundle) => {
      metrics.heard();
      sources.taken(bundle, belief.keeper.newest()?.state.block.height ?? 0n);
    },
  });
  const { keeper } = belief;
  opened.push(() => belief.close());
  const clock = belief.clock.now;
  time.now = clock;
  options.onClock?.(clock);

  const { secrets, follow } = await openSecrets({
    ...options,
    database,
    keeper,
    refusals,
    clock,
    urls: config.dewUrls,
  });
  const disk = createDiskTrouble(refusals);
  const readings = openReadings(store.readings, {
    clock,
    onCommit: disk.of('readings'),
    onReading: metrics.reading,
  });
  opened.push(readings.close);
  const bus = await openBus(config.mqtt, { commit: readings.commit, log });
  opened.push(() => bus.close());
  const links = await watchLinks({
    readLinks: options.readLinks ?? readLinks,
    everyMs: LOOK_AT_LINKS_EVERY_MS,
    onTrouble: ({ code, message }) => {
      refusals.record({ about: 'links', code, message });
    },
  });
  opened.push(() => links.close());
  const transports = createTransports({ bus, random: options.random });
  opened.push(() => transports.close());
  const onKeyValues = disk.of('key-values');
  const keyValues = createKeyValuesStore({ level: store.keyValues, onCommit: onKeyValues });
  opened.push(() => keyValues.close().catch(onKeyValues));
  const hosts = openHosts({
    ...options,
    links,
    transports,
    readings: readings.store,
    keyValues,
    trouble: disk.current,
    clock,
  });
  opened.push(() => hosts.close());
  const receipts = startReceipts({ ...options, urls: config.dewUrls, database, clock, refusals });
  opened.push(receipts.close);
  const pollEveryMs = config.pollEveryMs ?? POLL_EVERY_MS;
  const dew = createDewClient({
    urls: config.dewUrls,
    signer: options.signer,
    account,
    onRefusal: recordDew(refusals),
  });
  const sources = openSources({
    ...options,
    dewUrls: config.dewUrls,
    peerUrls: config.peerUrls ?? [],
    content: dew.content,
    state: () => keeper.newest()?.state,
    pollEveryMs,
    refusals,
  });
  opened.push(sources.close);
  const agent = await startAgent({
    ...options,
    clock,
    isSignedBy,
    receipts: receipts.sink,
    store,
    memory,
    keeper,
    refusals,
    observer: createObserver({ log, metrics }),
    ...sources,
    dew,
    hosts: { ...hosts.startHosts, ...options.hosts },
    secrets,
    pollEveryMs,
  });
  opened.push(() => agent.close());
  anchors.onChange(() => {
    void agent.believeAnew();
  });
  const followingAnchors = anchors.follow({
    urls: [...config.dewUrls, ...(config.peerUrls ?? [])],
    everyMs: pollEveryMs,
    random: options.random,
  });
  opened.push(() => followingAnchors.close());
  links.onUp(() => {
    agent.retry({ code: 'LINK_MISSING' });
  });
  const onArrived = (resource: ResourceId) => {
    agent.retry({ resource });
  };
  const following = follow({ everyMs: pollEveryMs, onArrived });
  opened.push(() => following.close());
  metrics.watch({
    units: agent.units,
    head: () => memory.head?.block,
    vouchedAt: () => keeper.newest()?.state.attestedAt,
    isSplit: () => keeper.split() !== undefined,
    clock,
  });

  const { askNonce } = options;
  if (askNonce !== undefined)
    opened.push(followTime({ ...options, anchor: () => anchors.current(), askNonce, belief, refusals }).close);

  const group = groupIdOf({ tenant: config.tenant, name: config.group });
  const onHint = () => {
    agent.wake();
    sources.wake();
    following.wake();
    followingAnchors.wake();
  };
  const hints = followHints({ ...options, urls: config.hintUrls ?? [], group, onHint });
  opened.push(() => hints.close());
  const faces = new AbortController();
  const routes = edgeRoutes({
    verifyCall: options.verifyCall,
    authorities: config.authorities ?? [],
    state: () => keeper.newest()?.state,
    aging: keeper.aging,
    anchors,
    agentState: () => agent.state(),
    units: agent.units,
    metrics,
    clock,
    closing: faces.signal,
  });
  const app = createApp({ routes, log, timeCalls: metrics.timeCalls });
  const server = await listen(inFront(bundleRoute(keeper.newest), app), config);
  opened.push(() => server.close());
  opened.push(() => {
    faces.abort();
    return Promise.resolve();
  });
  const { registry } = metrics;
  const metricsServer = config.metrics && (await listenForMetrics(config.metrics, { registry, log }));
  if (metricsServer) opened.push(() => metricsServer.close());

  const { tenant } = config;
  const names = { account, tenant, group: config.group, url: server.url, mqttUrl: bus.url };
  const status = () =>
    readStatus({
      ...names,
      agent,
      head: () => memory.head?.block,
      links: () => links.current().links,
      receipts,
      refusals,
      trust: () =>
        trustStatus({ ...options, anchor: anchors.current(), keeper, proofCrypto: options.proofCrypto, clock }),
      freshnessOf: (resource) => freshnessOfResource(resource, { ...keeper, account }),
      opinion: belief.clock.opinion,
      clock,
    });
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  let closing: Promise<void> | undefined;
  const close = () =>
    (closing ??= closeAll(opened).finally(() => {
      resolve(undefined);
    }));
  const commands = {
    status: () => Promise.resolve(status()),
    verify: () => agent.verify(),
    ...anchors.commands,
    'import-bundle': importBundle({ take: (bundle) => agent.take(bundle), head: () => memory.head?.block }),
    stop: () => {
      // The answer goes out before the socket that carries it closes.
      setImmediate(() => void close());
      return Promise.resolve({ stopping: true });
    },
  };
  const streams = options.logRing && { logs: logStream(options.logRing) };
  const control = await startControlServer({ folder: config.dataFolder, commands, ...(streams && { streams }), log });
  opened.push(() => control.close());
  const urls = {
    url: server.url,
    mqttUrl: bus.url,
    ...(metricsServer && { metricsUrl: `${metricsServer.url}/metrics` }),
  };
  return { ...urls, status, verify: () => agent.verify(), closed, close };
}

function recordDew(refusals: Refusals) {
  return ({ url, error }: { url: string; error: DewproofError }) => {
    refusals.record({ about: url, code: error.code, message: error.message });
  };
}

import { PassThrough } from 'node:stream';
import { onTestFinished, vi } from 'vitest';
import type { DewproofError } from '../../../core/errors.ts';
import type { NonceStore } from '../../../core/calls.ts';
import { startAgent, type Agent, type AgentDeps } from '../../../edge/agent.ts';
import { createDewClient } from '../../../edge/dew-client.ts';
import type { StartHost } from '../../../edge/hosts/host.ts';
import { createRefusals, type Refusals } from '../../../edge/refusals.ts';
import type { EdgeOptions } from '../../../edge/edge-options.ts';
import { startEdge, type Edge } from '../../../edge/start-edge.ts';
import { createStateKeeper, type StateKeeper } from '../../../edge/state/state-keeper.ts';
import { stateOf, type ResourceState } from '../../../edge/status.ts';
import { createDeviceMemory, type DeviceMemory } from '../../../edge/store/device-memory.ts';
import { createEdgeStore, type EdgeStore } from '../../../edge/store/edge-store.ts';
import { loadMemory } from '../../../edge/store/load-memory.ts';
import type { Slot } from '../../../edge/unit.ts';
import type { StateSource } from '../../../core/state/ports.ts';
import { createCallVerifier } from '../../../platform/calls/verify-call.ts';
import { createLog } from '../../../platform/log.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { CHAIN_ID } from '../../platform/wallets.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { GROUP_NAME, resourceOf, statePorts, TENANT, type Site } from './site.ts';
import { openTestStore } from './test-store.ts';

// Waits between tries are a twentieth of the longest that they may be.
const random = () => 0.05;

/** A log that nobody reads. */
export function quietLog() {
  return createLog({ name: 'test', level: 'silent' }, new PassThrough());
}

/** Waits until `check` stops throwing. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 5 });
}

/** A nonce store that forgets with the test. */
export function testNonces(): NonceStore {
  const seen = new Set<string>();
  return {
    consume: (key) => {
      const isNew = !seen.has(key);
      seen.add(key);
      return Promise.resolve(isNew);
    },
  };
}

/** Starts a whole edge of the site, closed with the test. */
export async function startTestEdge(
  site: Site,
  options: { readonly dewUrls: readonly string[] } & Partial<EdgeOptions['config']> &
    Partial<Pick<EdgeOptions, 'clock' | 'openState' | 'readLinks' | 'anchor' | 'releasedAtMs'>> & {
      /** Of the node that an anchor trusts; default the site's ledger. */
      readonly stateSource?: StateSource;
      /** Where proofs and witnesses are; default nowhere. */
      readonly proving?: Pick<EdgeOptions, 'proofCrypto' | 'askNonce' | 'askable'>;
    },
): Promise<Edge> {
  const { source, ...ports } = statePorts(site);
  const { clock = Date.now, readLinks, proving, releasedAtMs, ...others } = options;
  const { openState = ports.openState, anchor = ports.anchor, stateSource = source, ...config } = others;
  const edge = await startEdge({
    ...ports,
    openState,
    anchor,
    ...proving,
    ...(releasedAtMs !== undefined && { releasedAtMs }),
    openNodeSource: () => Promise.resolve(stateSource),
    config: {
      dataFolder: temporaryFolder(),
      host: '127.0.0.1',
      port: 0,
      mqtt: { embedded: { host: '127.0.0.1', port: 0 } },
      tenant: TENANT,
      group: GROUP_NAME,
      pollEveryMs: 20,
      ...config,
    },
    verifyCall: createCallVerifier({ isSignedBy, nonces: testNonces(), clock: Date.now, chainId: CHAIN_ID }),
    isSignedBy,
    clock,
    random,
    log: quietLog(),
    ...(readLinks && { readLinks }),
  });
  onTestFinished(() => edge.close());
  return edge;
}

/** For resources that name none. */
const noSecrets: AgentDeps['secrets'] = {
  prepare: () => Promise.resolve(),
  get: () => Promise.reject(new TypeError('no secrets in this test')),
};

/** An agent of the site with hosts of the test's own, and what it stands on. */
export interface TestAgent extends Agent {
  readonly memory: DeviceMemory;
  readonly store: EdgeStore;
  readonly keeper: StateKeeper;
  readonly refusals: Refusals;
  slot(name: string, which?: 'current' | 'next'): Slot | undefined;
  stateOf(name: string): ResourceState;
  codes(about?: string): readonly string[];
}

/** Starts an agent of the site. */
export async function startTestAgent(
  site: Site,
  options: {
    readonly dewUrls: readonly string[];
    readonly hosts: Readonly<Record<string, StartHost>>;
    readonly store?: EdgeStore;
    readonly random?: () => number;
    readonly pollEveryMs?: number;
  } & Partial<Pick<AgentDeps, 'source' | 'signMessage' | 'secrets' | 'receipts'>>,
): Promise<TestAgent> {
  const { source: ownSource, ...ports } = statePorts(site);
  const store = options.store ?? createEdgeStore(await openTestStore());
  const memory = createDeviceMemory(await loadMemory(store), store);
  const keeper = createStateKeeper({ ...ports, anchor: () => ports.anchor, store, memory, clock: Date.now });
  const refusals = createRefusals({ clock: Date.now, log: quietLog() });
  const onRefusal = ({ url, error }: { url: string; error: DewproofError }) => {
    refusals.record({ about: url, code: error.code, message: error.message });
  };
  const agent = await startAgent({
    ...ports,
    store,
    memory,
    keeper,
    refusals,
    receipts: options.receipts ?? { note: () => undefined },
    source: options.source ?? ownSource,
    secrets: options.secrets ?? noSecrets,
    dew: createDewClient({
      urls: options.dewUrls,
      signer: ports.signer,
      account: site.account,
      onRefusal,
    }),
    clock: Date.now,
    isSignedBy,
    signMessage: options.signMessage,
    hosts: options.hosts,
    random: options.random ?? random,
    pollEveryMs: options.pollEveryMs ?? 20,
  });
  onTestFinished(() => agent.close());
  const slot = (name: string, which: 'current' | 'next' = 'current') => agent.units().get(resourceOf(name))?.[which];
  return {
    ...agent,
    memory,
    store,
    keeper,
    refusals,
    slot,
    stateOf: (name) => stateOf(slot(name) ?? slot(name, 'next')),
    codes: (about) => refusals.list().flatMap((one) => (about === undefined || one.about === about ? [one.code] : [])),
  };
}

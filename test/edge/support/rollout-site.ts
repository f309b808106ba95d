import { onTestFinished } from 'vitest';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import type { Account } from '../../../core/account.ts';
import { digestOf } from '../../../core/digest.ts';
import { accountSubject } from '../../../core/ids.ts';
import { NEVER } from '../../../core/policy.ts';
import { selectCanaries } from '../../../core/rollout/select-canaries.ts';
import type { RolloutOrder, SignedOrder } from '../../../core/rollout/order.ts';
import { rolloutReportSchema, type RolloutReport } from '../../../core/wire/rollout-report.ts';
import { startDew, type Dew } from '../../../dew/start-dew.ts';
import type { Happening } from '../../../edge/receipts/happening.ts';
import { createCallVerifier } from '../../../platform/calls/verify-call.ts';
import { fetchCapped } from '../../../platform/http/fetch-capped.ts';
import { orderOf, signOrder } from '../../core/support/rollout.ts';
import { bytesOf, rawResource } from '../../core/support/samples.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { CHAIN_ID, signerOf, walletOf } from '../../platform/wallets.ts';
import {
  ADMIN,
  ADMIN_WALLET,
  createSite,
  GROUP,
  GROUP_NAME,
  resourceOf,
  TENANT,
  type Published,
  type Site,
} from './site.ts';
import { eventually, quietLog, startTestAgent, testNonces, type TestAgent } from './test-edge.ts';
import { createTestRuntime, type TestRuntime } from './test-hosts.ts';
import { fixedSources } from '../../dew/support/fixed-sources.ts';
import { rootedAnchor } from '../../support/test-anchors.ts';

const limits = { maxBytes: 1_000_000, minBytesPerSecond: 1, totalMs: 10_000 };
/** As short as the schema lets a health check be: one failure counts. */
export const strict = { interval: '100ms', timeout: '1s', retries: 1, startPeriod: '10ms' };
const FIRST_WALLETS = [1, 31, 32, 33] as const;

/** A device of the site: its agent, and the runtime that it starts resources with. */
export interface TestDevice {
  readonly account: Account;
  readonly agent: TestAgent;
  readonly runtime: TestRuntime;
  /** Of what receipts tell: `event version CODE`. */
  readonly told: () => readonly string[];
}

/** A tenant with a real dew and four devices that all run `climate` version 1; its admin may manage it. */
export interface RolloutSite {
  readonly site: Site;
  readonly dew: Dew;
  readonly devices: readonly TestDevice[];
  /** Which version each device runs, those at which it is healthy and committed. */
  readonly running: () => readonly (bigint | undefined)[];
  /** What `version` of `climate` would be, before anything is proposed. */
  readonly sealed: (version: number) => { readonly version: number; readonly digest: Published['digest'] };
  readonly publish: (version: number) => Promise<Published>;
  /** Hands the dew an order, signed and brought by the admin unless another wallet is named. */
  readonly give: (order: RolloutOrder, wallet?: number) => Promise<number>;
  readonly order: (rest: Partial<RolloutOrder>) => RolloutOrder;
  readonly report: () => Promise<RolloutReport>;
}

/** Makes it and waits until version 1 runs everywhere. */
export async function openRolloutSite(behave: (account: Account) => TestRuntime['behave']): Promise<RolloutSite> {
  const site = await createSite();
  for (const wallet of FIRST_WALLETS.slice(1)) {
    const { account } = walletOf(wallet);
    await site.do({ type: 'enrol-device', account, kind: 'edge', group: GROUP, profile: undefined });
  }
  await grantManage(site, ADMIN);
  const dew = await startSiteDew(site);
  const specOf = (version: number) => ({ version, replicas: { max: 4 }, health: strict });
  const publish = async (version: number) => {
    const published = await site.publish('climate', specOf(version));
    await upload(dew, published);
    return published;
  };
  const first = await publish(1);
  const devices = await Promise.all(FIRST_WALLETS.map((wallet) => startDevice({ site, dew, behave }, wallet)));
  const running = () =>
    devices.map(({ agent }) => {
      const slot = agent.slot('climate');
      return slot?.phase === 'running' ? slot.target.version : undefined;
    });
  await eventually(() => {
    if (running().some((version) => version !== 1n)) throw new Error('not all run yet');
  });
  const sealed = (version: number) => ({
    version,
    digest: digestOf(bytesOf(rawResource(specOf(version), { name: 'climate' }))),
  });
  const order = (rest: Partial<RolloutOrder>) => {
    const { chain, genesis, registry } = site.chain.anchor();
    const whole = orderOf({
      ledger: { chain, genesis, registry },
      from: { version: 1, digest: first.digest },
      to: sealed(2),
      share: { percent: 25 },
      population: devices.length,
      ...rest,
    });
    const accounts = devices.map(({ account }) => account);
    return { ...whole, canaries: rest.canaries ?? [...selectCanaries({ ...whole, devices: accounts })] };
  };
  return {
    site,
    dew,
    devices,
    running,
    sealed,
    publish,
    order,
    give: async (given, wallet = ADMIN_WALLET) => putOrder(dew, { signed: await signOrder(given, wallet), wallet }),
    report: async () => {
      const url = `${dew.url}/v1/rollouts/${TENANT}/climate`;
      const { body } = await fetchCapped(url, { signer: signerOf(ADMIN_WALLET), ...limits });
      return rolloutReportSchema.parse(JSON.parse(Buffer.from(body).toString()));
    },
  };
}

/** Lets an account manage `climate`. */
export async function grantManage(site: Site, account: Account): Promise<void> {
  await site.do({
    type: 'set-grant',
    resource: resourceOf('climate'),
    subject: accountSubject(account),
    actions: ['manage'],
    offline: false,
    expiresAt: NEVER,
  });
}

/** Brings a dew an order; answers the status. */
export async function putOrder(
  dew: Pick<Dew, 'url'>,
  { signed, wallet, name = 'climate' }: { signed: SignedOrder; wallet: number; name?: string },
): Promise<number> {
  const url = `${dew.url}/v1/rollouts/${TENANT}/${name}`;
  const body = Buffer.from(JSON.stringify(signed));
  return (await fetchCapped(url, { method: 'PUT', body, signer: signerOf(wallet), ...limits })).status;
}

async function startSiteDew(site: Site): Promise<Dew> {
  const config = { dataFolder: temporaryFolder(), host: '127.0.0.1', port: 0, mqttPort: 0 };
  const dew = await startDew({
    config: { ...config, tenant: TENANT, groups: [GROUP_NAME] },
    account: ADMIN,
    anchor: rootedAnchor(),
    openSources: fixedSources({ ledger: site.chain.ledgerOf() }),
    verifyCall: createCallVerifier({ isSignedBy, nonces: testNonces(), clock: Date.now, chainId: CHAIN_ID }),
    isSignedBy,
    clock: Date.now,
    random: () => 0.05,
    log: quietLog(),
  });
  onTestFinished(() => dew.close());
  return dew;
}

async function upload(dew: Dew, { digest, bytes }: Published): Promise<void> {
  const url = `${dew.url}/v1/documents/${digest}`;
  await eventually(async () => {
    const { status } = await fetchCapped(url, {
      method: 'PUT',
      body: bytes,
      signer: signerOf(ADMIN_WALLET),
      ...limits,
    });
    if (status !== 204) throw new Error(`the dew answers ${status}`);
  });
}

async function startDevice(
  { site, dew, behave }: { site: Site; dew: Dew; behave: (account: Account) => TestRuntime['behave'] },
  wallet: number,
): Promise<TestDevice> {
  const { account, signMessage } = walletOf(wallet);
  const runtime = createTestRuntime();
  runtime.behave = behave(account);
  const hosts = { views: runtime.start };
  const own = { ...site, account, wallet };
  const noted: Happening[] = [];
  const receipts = { note: (happening: Happening) => void noted.push(happening) };
  const agent = await startTestAgent(own, { dewUrls: [dew.url], hosts, signMessage, receipts });
  const told = () => noted.map(({ event, document, code }) => [event, document?.version, code].join(' ').trim());
  return { account, agent, runtime, told };
}

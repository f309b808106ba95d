import { onTestFinished } from 'vitest';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { createRpcStateSource, openRpcState } from '../../../chain/light/rpc-state.ts';
import { handOver } from '../../../cli/secrets/hand-over.ts';
import { findRecipients } from '../../../cli/secrets/recipients.ts';
import type { Account } from '../../../core/account.ts';
import { accountSubject } from '../../../core/ids.ts';
import { NEVER } from '../../../core/policy.ts';
import { commitmentOf } from '../../../core/secrets/secret-content.ts';
import { statementOf, type SecretRecord } from '../../../core/secrets/secret-record.ts';
import type { SealedCopy } from '../../../core/wire/secrets.ts';
import { startDew, type Dew } from '../../../dew/start-dew.ts';
import type { StartHost } from '../../../edge/hosts/host.ts';
import type { EdgeConfig } from '../../../edge/edge-options.ts';
import { startEdge, type Edge } from '../../../edge/start-edge.ts';
import { createCallVerifier } from '../../../platform/calls/verify-call.ts';
import { fetchCapped } from '../../../platform/http/fetch-capped.ts';
import type { Log } from '../../../platform/log.ts';
import { sealCopy } from '../../../platform/secrets/seal-copy.ts';
import { signSecretRecord } from '../../../platform/secrets/sign-record.ts';
import { CHAIN_ID, signerOf, vaultOf, walletOf } from '../../platform/wallets.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
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
import { secretsDewAt } from './list-secrets.ts';
import { eventually, quietLog, testNonces } from './test-edge.ts';
import { createTestRuntime, type TestRuntime } from './test-hosts.ts';
import { fixedSources } from '../../dew/support/fixed-sources.ts';
import { rootedAnchor } from '../../support/test-anchors.ts';

/** Test accounts of the site's devices. */
export const FIRST = 1;
export const SECOND = 3;

/** A site whose admin may manage `climate`. */
export async function createSecretSite(): Promise<Site> {
  const site = await createSite();
  await grantManage(site, ADMIN);
  return site;
}

/** Lets an account manage `climate`. */
export async function grantManage(site: Site, account: Account): Promise<void> {
  const subject = accountSubject(account);
  const grant = {
    resource: resourceOf('climate'),
    subject,
    actions: ['manage'],
    offline: false,
    expiresAt: NEVER,
  } as const;
  await site.do({ type: 'set-grant', ...grant });
}

/** Enrols a further edge. */
export async function enrol(site: Site, wallet: number): Promise<Account> {
  const { account } = walletOf(wallet);
  await site.do({ type: 'enrol-device', account, kind: 'edge', group: GROUP, profile: undefined });
  return account;
}

/** Starts a real dew of the site. */
export async function startSecretDew(
  site: Site,
  { folder = temporaryFolder(), log = quietLog(), authorities = [] as readonly string[] } = {},
): Promise<Dew> {
  const dew = await startDew({
    config: {
      dataFolder: folder,
      host: '127.0.0.1',
      port: 0,
      mqttPort: 0,
      tenant: TENANT,
      groups: [GROUP_NAME],
      authorities,
    },
    account: ADMIN,
    anchor: rootedAnchor(),
    openSources: fixedSources({ ledger: site.chain.ledgerOf() }),
    verifyCall: createCallVerifier({ isSignedBy, nonces: testNonces(), clock: Date.now, chainId: CHAIN_ID }),
    isSignedBy,
    clock: Date.now,
    random: () => 0.05,
    log,
  });
  onTestFinished(() => dew.close());
  return dew;
}

/** Hands a document to a dew, which may not have seen the block of a moment ago. */
export async function upload(dew: Dew, { digest, bytes }: Published): Promise<void> {
  const limits = { maxBytes: 65_536, minBytesPerSecond: 1, totalMs: 10_000 };
  await eventually(async () => {
    const path = `${dew.url}/v1/documents/${digest}`;
    const { status } = await fetchCapped(path, {
      method: 'PUT',
      body: bytes,
      signer: signerOf(ADMIN_WALLET),
      ...limits,
    });
    if (status !== 204) throw new Error(`the dew answered ${status}`);
  });
}

/** An edge whose resources the test runs itself, and what they are given. */
export interface SecretEdge extends Edge {
  readonly runtime: TestRuntime;
  secret(name: string): Promise<string>;
  stateOf(name: string): string | undefined;
}

/** Starts a whole edge as one of the site's devices. */
export async function startSecretEdge(
  site: Site,
  {
    wallet = FIRST,
    log = quietLog(),
    hasOwnHosts = false,
    ...config
  }: {
    readonly wallet?: number;
    readonly log?: Log;
    /** The edge's real runtimes instead of the test's. */
    readonly hasOwnHosts?: boolean;
    readonly dewUrls: readonly string[];
  } & Partial<EdgeConfig>,
): Promise<SecretEdge> {
  const runtime = createTestRuntime();
  const secrets = new Map<string, (name: string) => Promise<string>>();
  const { account } = walletOf(wallet);
  const ledger = site.chain.ledgerOf();
  const startHost: StartHost = async (start) => {
    secrets.set(start.configuration.document.metadata.name, start.secret);
    // As a script would: without its secret it can't begin.
    for (const name of start.configuration.document.spec.secrets) await start.secret(name);
    return runtime.start(start);
  };
  const edge = await startEdge({
    account,
    anchor: site.chain.anchor(),
    signer: signerOf(wallet),
    vault: vaultOf(wallet),
    signMessage: walletOf(wallet).signMessage,
    openNodeSource: () =>
      Promise.resolve(createRpcStateSource({ ledger, account, sealKey: site.sealKey, maxQuietMs: 50 })),
    openState: openRpcState(site.sealKey),
    verifyCall: createCallVerifier({ isSignedBy, nonces: testNonces(), clock: Date.now, chainId: CHAIN_ID }),
    isSignedBy,
    ...(hasOwnHosts ? {} : { hosts: { views: startHost } }),
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
    clock: Date.now,
    random: () => 0.05,
    log,
  });
  onTestFinished(() => edge.close());
  return {
    ...edge,
    runtime,
    secret: async (name) => {
      const get = secrets.get('climate');
      if (get === undefined) throw new Error('climate was never started here');
      return get(name);
    },
    stateOf: (name) => edge.status().resources.find((one) => one.name === name)?.state,
  };
}

/** What a manager says of a secret, signed. */
export async function recordOf(
  site: Site,
  {
    value,
    version = 1,
    name = 'api-key',
    resource = 'climate',
    wallet = ADMIN_WALLET,
    salt = Buffer.alloc(32, 9),
  }: {
    readonly value: string | undefined;
    readonly version?: number;
    readonly name?: string;
    readonly resource?: string;
    readonly wallet?: number;
    readonly salt?: Uint8Array;
  },
): Promise<{ record: SecretRecord; copyFor: (wallet: number, altered?: string) => SealedCopy }> {
  const { chain, genesis, registry } = site.chain.anchor();
  const commitment = value === undefined ? null : commitmentOf({ salt, value });
  const statement = { ledger: { chain, genesis, registry }, tenant: TENANT, resource, name, version, commitment };
  const record = await signSecretRecord(statement, walletOf(wallet));
  const copyFor = (to: number, altered = value ?? '') =>
    sealCopy(
      { statement: statementOf(record), content: { salt, value: altered } },
      { recipient: walletOf(to).account, publicKey: vaultOf(to).publicKey },
    );
  return { record, copyFor };
}

/** Sets `api-key` of `climate` as the command line does; answers for whom. */
export async function setSecret(
  site: Site,
  { dew, value, version = 1 }: { readonly dew: Pick<Dew, 'url'>; readonly value: string; readonly version?: number },
): Promise<readonly Account[]> {
  const dews = [secretsDewAt(dew)];
  const { record } = await recordOf(site, { value, version });
  const content = { salt: Buffer.alloc(32, 9), value };
  const { recipients } = await findRecipients(GROUP, { state: site.chain.state(), dews });
  const copies = recipients.map((one) => sealCopy({ statement: statementOf(record), content }, one));
  return (await handOver({ record, copies }, dews)).sealed;
}

/** Waits until a dew knows the keys of these devices. */
export async function waitForKeys(dew: Pick<Dew, 'url'>, accounts: readonly Account[]): Promise<void> {
  await eventually(async () => {
    for (const account of accounts) {
      const limits = { maxBytes: 4096, minBytesPerSecond: 1, totalMs: 5000 };
      const { status } = await fetchCapped(`${dew.url}/v1/devices/${account}/key`, {
        signer: signerOf(ADMIN_WALLET),
        ...limits,
      });
      if (status !== 200) throw new Error(`no key of ${account}: ${status}`);
    }
  });
}

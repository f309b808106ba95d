import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { createMemoryChain, type MemoryChain } from '../../../chain/memory/memory-ledger.ts';
import type { Account } from '../../../core/account.ts';
import type { Digest } from '../../../core/digest.ts';
import { groupIdOf } from '../../../core/ids.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import type { Ledger } from '../../../core/ledger/ledger.ts';
import type { GovernanceRole } from '../../../core/ledger/records.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import { assignmentListSchema, type AssignmentList } from '../../../core/wire/assignment.ts';
import type { BundlePlan } from '../../../dew/bundles/follow-bundles.ts';
import type { OpenSources } from '../../../dew/sources.ts';
import { startDew, type Dew, type DewConfig } from '../../../dew/start-dew.ts';
import { createLevelNonces } from '../../../platform/calls/level-nonces.ts';
import { createCallVerifier } from '../../../platform/calls/verify-call.ts';
import { fetchCapped } from '../../../platform/http/fetch-capped.ts';
import { createLog } from '../../../platform/log.ts';
import { openStore, sublevelOf } from '../../../platform/store/open-store.ts';
import { eventually } from '../../platform/eventually.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { CHAIN_ID, signerOf, walletOf } from '../../platform/wallets.ts';
import { rootedAnchor } from '../../support/test-anchors.ts';
import { GROUP, TENANT, type TestResource } from './documents.ts';
import { fixedSources } from './fixed-sources.ts';

/** Who is who: numbers of test accounts. */
export const cast = {
  publisher: 1,
  approver: 2,
  registrar: 3,
  revoker: 4,
  policyAdmin: 5,
  admin: 6,
  edge: 11,
  secondEdge: 12,
  stranger: 99,
} as const;
export type Caller = keyof typeof cast;

/** The account of one of the cast. */
export function accountOf(caller: Caller): Account {
  return walletOf(cast[caller]).account;
}

/** A chain with its offices filled. */
export function testChain(): MemoryChain {
  const offices: [Caller, GovernanceRole][] = [
    ['publisher', 'publisher'],
    ['approver', 'approver'],
    ['registrar', 'registrar'],
    ['revoker', 'revoker'],
    ['policyAdmin', 'policy-admin'],
    ['admin', 'admin'],
  ];
  const permissions = new Map(offices.map(([caller, role]) => [accountOf(caller), [role]] as const));
  const now = () => BigInt(Math.floor(Date.now() / 1000));
  return createMemoryChain({ permissions, approvalThreshold: 1, now });
}

/** An answer of the dew; `code` is the problem's, 'ok' where it is none. */
export interface Answer {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A dew over a chain, and ways to act on both. */
export interface Site {
  readonly dew: Dew;
  readonly chain: MemoryChain;
  readonly folder: string;
  /** Lines of the log. */
  readonly logged: readonly string[];
  call(
    caller: Caller | undefined,
    request: string,
    options?: { body?: Uint8Array; headers?: Record<string, string> },
  ): Promise<Answer>;
  submit(caller: Caller, command: LedgerCommand): Promise<void>;
  enrol(caller: Caller, options?: { profile?: Digest; group?: string }): Promise<void>;
  /** Proposes, uploads and approves. */
  activate(...resources: readonly TestResource[]): Promise<void>;
  upload(content: { digest: Digest; bytes: Uint8Array }): Promise<Answer>;
  assignments(caller: Caller): Promise<AssignmentList>;
  /** Names of what a device is to run. */
  namesFor(caller: Caller): Promise<string[]>;
  close(): Promise<void>;
  /** The same folder again. */
  restart(options?: SiteOptions): Promise<Site>;
}

/** How a site differs from the usual one. */
export interface SiteOptions {
  readonly folder?: string;
  readonly chain?: MemoryChain;
  readonly ledger?: Ledger;
  readonly config?: Partial<DewConfig>;
  readonly anchor?: Anchor;
  readonly bundles?: BundlePlan;
  /** In place of `ledger` and `bundles`. */
  readonly openSources?: OpenSources;
  /** False where it can't get to know the ledger: it is not waited for. */
  readonly isReady?: boolean;
}

/** Starts a dew; stopped when the test ends. */
export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const folder = options.folder ?? temporaryFolder();
  const chain = options.chain ?? testChain();
  const logged: string[] = [];
  const log = createLog({ name: 'dew', level: 'info' }, { write: (line) => logged.push(line) });
  const store = await openStore(join(folder, 'calls'));
  const nonces = createLevelNonces(sublevelOf(store, 'nonces'), Date.now);
  const dew = await startDew({
    config: {
      dataFolder: folder,
      host: '127.0.0.1',
      port: 0,
      mqttPort: 0,
      tenant: TENANT,
      groups: [GROUP],
      ...options.config,
    },
    account: walletOf(20).account,
    anchor: options.anchor ?? rootedAnchor(),
    openSources:
      options.openSources ?? fixedSources({ ledger: options.ledger ?? chain.ledgerOf(), bundles: options.bundles }),
    verifyCall: createCallVerifier({ isSignedBy, nonces, clock: Date.now, chainId: CHAIN_ID }),
    isSignedBy,
    clock: Date.now,
    random: Math.random,
    log,
  });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= dew.close().finally(() => store.close()));
  onTestFinished(close);
  if (options.isReady !== false) await eventually(() => dew.status().ledger.height).not.toBeNull();
  const site: Site = { dew, chain, folder, logged, close, ...actions({ dew, chain, folder, close }) };
  return site;
}

function actions({ dew, chain, folder, close }: Pick<Site, 'dew' | 'chain' | 'folder' | 'close'>) {
  const call: Site['call'] = async (caller, request, { body, headers } = {}) => {
    const [method = 'GET', path = '/'] = request.split(' ');
    const response = await fetchCapped(`${dew.url}${path}`, {
      method: method as 'GET' | 'PUT',
      maxBytes: 20_000_000,
      minBytesPerSecond: 1,
      totalMs: 15_000,
      ...(headers && { headers }),
      ...(body && { body }),
      ...(caller && { signer: signerOf(cast[caller]) }),
    });
    return { ...response, code: codeOf(response) };
  };
  const submit: Site['submit'] = async (caller, command) => {
    await chain.ledgerOf(accountOf(caller)).submit(command);
  };
  const upload: Site['upload'] = ({ digest, bytes }) =>
    call('publisher', `PUT /v1/documents/${digest}`, { body: bytes });
  const assignments: Site['assignments'] = async (caller) => {
    const { status, body } = await call(caller, `GET /v1/assignments/${accountOf(caller)}`);
    if (status !== 200) throw new Error(Buffer.from(body).toString());
    return assignmentListSchema.parse(JSON.parse(Buffer.from(body).toString()));
  };
  return {
    call,
    submit,
    upload,
    assignments,
    enrol: (caller: Caller, { profile, group = GROUP }: { profile?: Digest; group?: string } = {}) =>
      submit('registrar', {
        type: 'enrol-device',
        account: accountOf(caller),
        kind: 'edge',
        group: groupIdOf({ tenant: TENANT, name: group }),
        profile,
      }),
    activate: async (...resources: readonly TestResource[]) => {
      const proposals = resources.map(({ proposal }) => proposal);
      await submit('publisher', { type: 'propose', proposals });
      for (const one of resources) {
        const { code } = await upload(one);
        if (code !== 'ok') throw new Error(`${one.name} was refused: ${code}`);
      }
      await submit('approver', { type: 'approve', proposals });
    },
    namesFor: async (caller: Caller) => (await assignments(caller)).assignments.map(({ name }) => name).sort(),
    restart: async (options: SiteOptions = {}) => {
      await close();
      return openSite({ folder, chain, ...options });
    },
  };
}

function codeOf({ status, body }: { status: number; body: Uint8Array }): string {
  if (status < 400) return 'ok';
  return (JSON.parse(Buffer.from(body).toString()) as { code: string }).code;
}

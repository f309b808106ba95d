import { createRpcStateSource, openRpcState } from '../../../chain/light/rpc-state.ts';
import { createMemoryChain, type MemoryChain } from '../../../chain/memory/memory-ledger.ts';
import type { Account } from '../../../core/account.ts';
import type { Link } from '../../../core/document/addresses.ts';
import { digestOf, type Digest } from '../../../core/digest.ts';
import { groupIdOf, resourceIdOf, type ResourceId } from '../../../core/ids.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { governanceRoles } from '../../../core/ledger/records.ts';
import { bytesOf, rawProfile, rawResource } from '../../core/support/samples.ts';
import { signerOf, vaultOf, walletOf } from '../../platform/wallets.ts';

export const TENANT = 'greenfields';
export const GROUP_NAME = 'barn-7';
export const GROUP = groupIdOf({ tenant: TENANT, name: GROUP_NAME });

const DEVICE_WALLET = 1;
/** Holds every role. */
export const ADMIN_WALLET = 2;
export const ADMIN: Account = walletOf(ADMIN_WALLET).account;

/** The id of a resource of the tests' tenant. */
export function resourceOf(name: string): ResourceId {
  return resourceIdOf({ tenant: TENANT, name });
}

/** What one document is called, and its bytes. */
export interface Published {
  readonly name: string;
  readonly version: bigint;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** A tenant with one device on a ledger in memory, and the documents that anyone may hand out. */
export interface Site {
  readonly chain: MemoryChain;
  readonly account: Account;
  /** The number of the device's test account. */
  readonly wallet: number;
  readonly sealKey: Uint8Array;
  /** By digest, as a dew would hold them. */
  readonly contents: Map<Digest, Uint8Array>;
  do(command: LedgerCommand): Promise<void>;
  /** Makes a document of the samples, and activates it. */
  publish(name: string, spec?: { readonly version?: number; readonly [field: string]: unknown }): Promise<Published>;
  /** Activates a record over any digest. */
  propose(name: string, of: { readonly version: number; readonly digest: Digest }): Promise<void>;
  /** Gives the device a profile with these bindings and links. */
  bind(bindings: Readonly<Record<string, string>>, links?: readonly Link[]): Promise<Digest>;
  revoke(name: string, version: number): Promise<void>;
}

/** Makes the site; proposals are active at once. */
export async function createSite(): Promise<Site> {
  const chain = createMemoryChain({ permissions: new Map([[ADMIN, governanceRoles]]), approvalThreshold: 0 });
  const { account } = walletOf(DEVICE_WALLET);
  const ledger = chain.ledgerOf(ADMIN);
  const contents = new Map<Digest, Uint8Array>();
  let profileVersion = 0;

  const submit = async (command: LedgerCommand) => {
    chain.advance(1);
    await ledger.submit(command);
  };
  const keep = (raw: unknown) => {
    const bytes = bytesOf(raw);
    contents.set(digestOf(bytes), bytes);
    return { bytes, digest: digestOf(bytes) };
  };
  const propose = (name: string, { version, digest }: { version: number; digest: Digest }) =>
    submit({
      type: 'propose',
      proposals: [{ resource: resourceOf(name), version: BigInt(version), digest, group: GROUP }],
    });
  await submit({ type: 'enrol-device', account, kind: 'edge', group: GROUP, profile: undefined });

  return {
    chain,
    account,
    wallet: DEVICE_WALLET,
    sealKey: Buffer.alloc(32, 7),
    contents,
    do: submit,
    publish: async (name, { version = 1, ...spec } = {}) => {
      const document = keep(rawResource({ version, ...spec }, { name }));
      await propose(name, { version, digest: document.digest });
      return { name, version: BigInt(version), ...document };
    },
    propose,
    bind: async (bindings, links = []) => {
      const { digest } = keep(rawProfile({ version: ++profileVersion, bindings, links }));
      await submit({ type: 'set-device-profile', account, profile: digest });
      return digest;
    },
    revoke: (name, version) => submit({ type: 'revoke', resource: resourceOf(name), version: BigInt(version) }),
  };
}

/** How a device of the site reaches and opens the ledger's state. */
export function statePorts({ chain, account, wallet, sealKey }: Site) {
  const ledger = chain.ledgerOf();
  return {
    account,
    anchor: chain.anchor(),
    signer: signerOf(wallet),
    vault: vaultOf(wallet),
    signMessage: walletOf(wallet).signMessage,
    source: createRpcStateSource({ ledger, account, sealKey, maxQuietMs: 50 }),
    openState: openRpcState(sealKey),
  };
}

import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { buildBundle, type Claims } from '../../../chain/light/make/build-bundle.ts';
import { chooseClaims } from '../../../chain/light/make/choose-claims.ts';
import { createOpenState } from '../../../chain/light/open-state.ts';
import type { SigningWitness } from '../../../chain/light/witness/sign-note.ts';
import type { Account } from '../../../core/account.ts';
import { digestOf, type Digest } from '../../../core/digest.ts';
import { accountSubject, ANY_RESOURCE, ANYONE, type ResourceId, type SubjectId } from '../../../core/ids.ts';
import type { ConfigurationRecord, DeviceRecord } from '../../../core/ledger/records.ts';
import { emptyLedgerState, type LedgerState } from '../../../core/ledger/state.ts';
import { NEVER, type Grant } from '../../../core/policy.ts';
import type { Anchor, AnchorOf } from '../../../core/state/anchor.ts';
import { accountsOf, four, witnessAnchor, witnesses } from '../../support/test-bundles.ts';
import { buildRegistry } from '../../support/test-registry.ts';
import { plainHeader, sealAsQbft } from '../../support/test-validators.ts';
import { noteOn } from '../../support/test-witnesses.ts';
import { GROUP, resourceOf } from './site.ts';

export const openState = createOpenState(nobleCrypto);
export const DEVICE: Account = `0x${'d1'.repeat(20)}`;
/** When the world's block 0 was made, in Unix seconds. */
export const GENESIS = 1_700_000_000n;

/** An anchor that trusts three witnesses from the first block on. */
export const worldAnchor: AnchorOf<'witnesses'> = { ...witnessAnchor(), beginsAt: 0 };

/** A device of the test group. */
export function deviceOf(account: Account = DEVICE, change: Partial<DeviceRecord> = {}): DeviceRecord {
  return { account, kind: 'edge', group: GROUP, status: 'active', profile: undefined, ...change };
}

/** A record of a resource of the test group. */
export function recordOf(name: string, change: Partial<ConfigurationRecord> = {}): ConfigurationRecord {
  const digest: Digest = digestOf(Buffer.from(`${name} ${change.version ?? 1n}`));
  return { resource: resourceOf(name), version: 1n, digest, group: GROUP, status: 'active', ...change };
}

/** A grant of everything on one resource. */
export function grantOf(
  name: string,
  { to = ANYONE, ...change }: Partial<Grant> & { readonly to?: SubjectId } = {},
): Grant {
  const subject = to.length === 42 ? accountSubject(to) : to;
  const actions = ['read', 'write', 'invoke', 'manage'] as const;
  const resource = name === '*' ? ANY_RESOURCE : resourceOf(name);
  return { resource, subject, actions, offline: false, expiresAt: NEVER, ...change };
}

/** A tenant's state of these facts. */
export function ledgerOf({
  records = [],
  devices = [deviceOf()],
  grants = [],
  members = new Map(),
}: {
  readonly records?: readonly ConfigurationRecord[];
  readonly devices?: readonly DeviceRecord[];
  readonly grants?: readonly Grant[];
  readonly members?: LedgerState['members'];
}): LedgerState {
  const of = new Map<ResourceId, Map<SubjectId, Grant>>();
  for (const grant of grants) {
    of.set(grant.resource, (of.get(grant.resource) ?? new Map<SubjectId, Grant>()).set(grant.subject, grant));
  }
  return {
    ...emptyLedgerState,
    devices: new Map(devices.map((device) => [device.account, device])),
    heads: new Map(records.map((record) => [record.resource, record])),
    grants: of,
    members,
  };
}

/** What a bundle is to say, and of which block; times in Unix seconds. */
export interface BundleOf {
  readonly state: LedgerState;
  readonly height: bigint;
  /** Default: `GENESIS` and a second a block. */
  readonly time?: bigint;
  /** When each witness signed; default: the block's time. */
  readonly signedAt?: bigint;
  /** Leaves claims out, as a server in an attacker's hands does. */
  readonly leave?: (claims: Claims) => Partial<Claims>;
  readonly account?: Account;
  readonly anchor?: Anchor;
  /** Default: the first two of three witnesses. */
  readonly signers?: readonly SigningWitness[];
}

/** A bundle that the anchor's witnesses (or four validators) vouch for, with real proofs. */
export function makeBundle(of: BundleOf): Uint8Array {
  const { state, height, time = GENESIS + height, signedAt = time, account = DEVICE, anchor = worldAnchor } = of;
  const { signers = witnesses.slice(0, 2) } = of;
  const { stateRoot, nodes } = buildRegistry({ state, account, of: GROUP, filler: 8 });
  const claims = chooseClaims(state, { account, group: GROUP });
  const header = plainHeader({ height, time, stateRoot });
  const vouchers =
    anchor.finality.kind === 'qbft'
      ? {
          header: sealAsQbft(header, { validators: accountsOf(four), sealers: four.slice(0, 3) }),
          note: undefined,
        }
      : { header, note: noteOn(header, { anchor, signers, times: signers.map(() => signedAt) }) };
  return buildBundle(
    { claims: { ...claims, ...of.leave?.(claims) }, vouchers: { changes: [], ...vouchers }, nodes },
    { anchor, crypto: nobleCrypto },
  );
}

/** Leaves out what a bundle would claim of some resources. */
export function without(...names: readonly string[]): NonNullable<BundleOf['leave']> {
  const hidden = names.map(resourceOf);
  const isShown = ({ resource }: { readonly resource: Uint8Array }) =>
    !hidden.includes(`0x${Buffer.from(resource).toString('hex')}`);
  return ({ heads, grants }) => ({ heads: heads.filter(isShown), grants: grants.filter(isShown) });
}

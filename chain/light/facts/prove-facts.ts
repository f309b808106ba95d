import type { Account } from '../../../core/account.ts';
import { bytes32ToDigest } from '../../../core/digest.ts';
import type { ConfigurationRecord, DeviceRecord } from '../../../core/ledger/records.ts';
import type { DeviceClaim, GrantClaim, HeadClaim, MemberClaim, ProofBundle } from '../bundle/proof-bundle.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { compareBytes, sameBytes, toHex } from '../hex.ts';
import { refuseProof } from '../refuse.ts';
import { devicePreimage, headPreimage, ledgerEnums } from './preimages.ts';
import type { ProvedFacts } from './proved-facts.ts';
import type { SlotReader } from './read-slots.ts';
import type { StorageSlots } from './storage-slots.ts';
import { unpackGrant, unpackMember } from './unpack-slots.ts';

interface Deps {
  readonly reader: SlotReader;
  readonly slots: StorageSlots;
  readonly crypto: Pick<ProofCrypto, 'keccak256'>;
}

const NO_PROFILE = `0x${'00'.repeat(32)}`;

/** Holds a bundle's claims against the registry's slots, in the order in which its nodes lie. @throws PROOF_INVALID */
export function proveFacts(
  { heads, devices, grants, members }: Pick<ProofBundle, 'heads' | 'devices' | 'grants' | 'members'>,
  deps: Deps,
): ProvedFacts {
  verifyAscending(heads, ({ resource: one }, { resource: next }) => compareBytes(one, next));
  verifyAscending(devices, ({ account: one }, { account: next }) => compareBytes(one, next));
  verifyAscending(
    grants,
    (one, next) => compareBytes(one.resource, next.resource) || compareBytes(one.subject, next.subject),
  );
  verifyAscending(members, (one, next) => compareBytes(one.role, next.role) || compareBytes(one.account, next.account));
  return {
    heads: new Map(heads.map((claim) => [toHex(claim.resource), proveHead(claim, deps)])),
    devices: new Map(devices.map((claim) => [toHex(claim.account), proveDevice(claim, deps)])),
    grants: nest(grants, (claim) => [claim.resource, claim.subject, proveGrant(claim, deps)]),
    members: nest(members, (claim) => [claim.role, claim.account, proveMember(claim, deps)]),
  };
}

/** Each fact once and in one order: a bundle that says the same has the same bytes. */
function verifyAscending<Claim>(claims: readonly Claim[], compare: (one: Claim, next: Claim) => number): void {
  for (const [index, claim] of claims.entries()) {
    const next = claims[index + 1];
    if (next && compare(claim, next) >= 0) throw refuseProof('fact-order', 'facts are repeated or out of order');
  }
}

function proveHead({ resource, head }: HeadClaim, { reader, slots, crypto }: Deps): ConfigurationRecord | undefined {
  const value = reader.read(slots.head(resource));
  verifyPreimage(value, { preimage: head && headPreimage(head), crypto });
  if (!head) return undefined;
  return {
    resource: toHex(resource),
    version: head.version,
    digest: bytes32ToDigest(toHex(head.digest)),
    group: toHex(head.group),
    status: named(ledgerEnums.headStatuses, head.status),
  };
}

function proveDevice({ account, device }: DeviceClaim, { reader, slots, crypto }: Deps): DeviceRecord | undefined {
  const value = reader.read(slots.device(account));
  verifyPreimage(value, { preimage: device && devicePreimage(device), crypto });
  if (!device) return undefined;
  const profile = toHex(device.profile);
  return {
    account: toHex(account),
    kind: named(ledgerEnums.kinds, device.kind),
    group: toHex(device.group),
    status: named(ledgerEnums.statuses, device.status),
    profile: profile === NO_PROFILE ? undefined : bytes32ToDigest(profile),
  };
}

function proveGrant({ resource, subject }: GrantClaim, { reader, slots }: Deps) {
  const value = reader.read(slots.grant({ resource, subject }));
  return value && { resource: toHex(resource), subject: toHex(subject), ...unpackGrant(value) };
}

function proveMember({ role, account }: MemberClaim, { reader, slots }: Deps): bigint | undefined {
  const value = reader.read(slots.member({ role, account }));
  return value && unpackMember(value);
}

/** A slot holds the preimage's hash where there is one, and nothing where there is none. */
function verifyPreimage(
  value: Uint8Array | undefined,
  { preimage, crypto }: { readonly preimage: Uint8Array | undefined; readonly crypto: Deps['crypto'] },
): void {
  if (!preimage) {
    if (value) throw refuseProof('fact-hidden', 'a fact that is on the ledger is passed off as absent');
    return;
  }
  if (!value) throw refuseProof('fact-invented', 'a fact that is not on the ledger is passed off as present');
  const padded = new Uint8Array(32);
  padded.set(value, 32 - value.length);
  if (!sameBytes(padded, crypto.keccak256(preimage))) {
    throw refuseProof('fact-altered', 'a fact is not what stands on the ledger');
  }
}

function named<Value extends string>(names: readonly Value[], number: number): Value {
  const name = names[number - 1];
  if (name === undefined) throw refuseProof('fact-enum', 'a fact has a kind or status that is not known');
  return name;
}

function nest<Claim, Value>(
  claims: readonly Claim[],
  prove: (claim: Claim) => readonly [Uint8Array, Uint8Array, Value],
): ReadonlyMap<`0x${string}`, ReadonlyMap<Account, Value>> {
  const nested = new Map<`0x${string}`, Map<`0x${string}`, Value>>();
  for (const claim of claims) {
    const [outer, inner, value] = prove(claim);
    const known = nested.get(toHex(outer)) ?? new Map<`0x${string}`, Value>();
    nested.set(toHex(outer), known.set(toHex(inner), value));
  }
  return nested;
}

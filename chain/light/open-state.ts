import { DewproofError } from '../../core/errors.ts';
import { ANYONE, ANY_RESOURCE, isAccountSubject } from '../../core/ids.ts';
import type { OpenState } from '../../core/state/ports.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { mintVerifiedState, type FactKey, type StateFacts } from '../../core/state/verified-state.ts';
import { checkBundle, type CheckedBundle } from './check-bundle.ts';
import type { ProofCrypto } from './crypto/proof-crypto.ts';
import { toHex } from './hex.ts';
import { provedResourcesOf, type ProvedFacts } from './facts/proved-facts.ts';

/** Opens proof bundles with what `loadProofCrypto` loaded: pure and synchronous, as the port wants it. */
export function createOpenState(crypto: ProofCrypto): OpenState {
  return (bytes, anchor, now) => mintVerifiedState(factsOf(checkBundle(bytes, { anchor, now, crypto }), anchor));
}

/**
 * A bundle's facts as a device asks for them. Of a record or a device that it says nothing of, asking throws, since
 * "absent" would be a lie that a server could bring about by leaving things out. A grant or membership that it says
 * nothing of is none: that only ever refuses a caller.
 */
function factsOf({ finalized, storageRoot, facts }: CheckedBundle, anchor: Anchor): StateFacts {
  const { chain, genesis, registry } = anchor;
  return {
    identity: { chain, genesis, registry },
    block: { height: finalized.head.height, hash: finalized.hash, time: finalized.head.time },
    attestedAt: finalized.attestedAt,
    vouchers: { signers: finalized.signers, members: finalized.members },
    storageRoot: toHex(storageRoot),
    tellsOf: (fact) => tellsOf(facts, fact),
    facts: () => keysOf(facts),
    device: (account) => proved(facts.devices, { key: account, what: `the device ${account}` }),
    record: (resource) => proved(facts.heads, { key: resource, what: `the resource ${resource}` }),
    resourcesOf: (group) => provedResourcesOf(facts, group),
    grant: (resource, subject) => facts.grants.get(resource)?.get(subject),
    memberUntil: (role, account) => facts.members.get(role)?.get(account),
    rolesNamedFor: (resource) => rolesNamedFor(facts, resource),
  };
}

function tellsOf({ heads, devices, grants, members }: ProvedFacts, fact: FactKey): boolean {
  switch (fact.kind) {
    case 'record':
      return heads.has(fact.resource);
    case 'device':
      return devices.has(fact.account);
    case 'grant':
      return grants.get(fact.resource)?.has(fact.subject) ?? false;
    case 'member':
      return members.get(fact.role)?.has(fact.account) ?? false;
  }
}

function keysOf({ heads, devices, grants, members }: ProvedFacts): readonly FactKey[] {
  return [
    ...[...heads.keys()].map((resource): FactKey => ({ kind: 'record', resource })),
    ...[...devices.keys()].map((account): FactKey => ({ kind: 'device', account })),
    ...pairsOf(grants).map(([resource, subject]): FactKey => ({ kind: 'grant', resource, subject })),
    ...pairsOf(members).map(([role, account]): FactKey => ({ kind: 'member', role, account })),
  ];
}

function pairsOf<Outer, Inner>(maps: ReadonlyMap<Outer, ReadonlyMap<Inner, unknown>>): readonly [Outer, Inner][] {
  return [...maps].flatMap(([outer, inner]) => [...inner.keys()].map((key): [Outer, Inner] => [outer, key]));
}

function proved<Key extends string, Value>(
  known: ReadonlyMap<Key, Value | undefined>,
  { key, what }: { readonly key: Key; readonly what: string },
): Value | undefined {
  if (known.has(key)) return known.get(key);
  throw new DewproofError('NOT_PROVED', `The bundle says nothing of ${what}; fetch one that does.`);
}

function rolesNamedFor({ grants }: ProvedFacts, resource: string) {
  const subjects = [resource, ANY_RESOURCE].flatMap((named) =>
    [...(grants.get(named as `0x${string}`) ?? [])].flatMap(([subject, grant]) => (grant ? [subject] : [])),
  );
  return [...new Set(subjects)].filter((subject) => subject !== ANYONE && !isAccountSubject(subject));
}

import type { ProofBundle } from '../../chain/light/bundle/proof-bundle.ts';
import { decodeBundle } from '../../chain/light/bundle/decode-bundle.ts';
import { encodeBundle } from '../../chain/light/bundle/encode-bundle.ts';
import { checkBundle } from '../../chain/light/check-bundle.ts';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import type { ProofCrypto } from '../../chain/light/crypto/proof-crypto.ts';
import { buildBundle } from '../../chain/light/make/build-bundle.ts';
import { hasCode } from '../../core/errors.ts';
import { defaultFreshness, type Anchor, type AnchorOf } from '../../core/state/anchor.ts';
import { buildRegistry, codeHash, registry, tenantClaims } from './test-registry.ts';
import { createValidators, plainHeader, sealAsQbft, type TestValidator } from './test-validators.ts';
import { createWitnesses, noteOn } from './test-witnesses.ts';

const built = buildRegistry();
export const HEIGHT = 500n;
export const baseHeader = plainHeader({ height: HEIGHT, stateRoot: built.stateRoot });
/** A clock a second after the head. */
export const NOW = 1_700_000_000n + HEIGHT + 1n;

const common = {
  apiVersion: 'dewproof/v1',
  kind: 'Anchor',
  version: 1,
  tenant: 'greenfields',
  chain: 'eip155:1337',
  genesis: `0x${'99'.repeat(32)}`,
  registry,
  codeHash,
  beginsAt: 3,
  ...defaultFreshness,
} as const;

export const four = createValidators(4);
export const seven = createValidators(7);
export const witnesses = createWitnesses(3);
export const accountsOf = (validators: readonly TestValidator[]) => validators.map(({ account }) => account);

/** An anchor that trusts `validators` from block 100 on. */
export function qbftAnchor(validators: readonly TestValidator[]): AnchorOf<'qbft'> {
  const finality = { kind: 'qbft', height: 100, hash: `0x${'77'.repeat(32)}`, epochLength: 1000 } as const;
  return { ...common, finality: { ...finality, validators: accountsOf(validators) } };
}

/** An anchor that trusts the first `count` test witnesses. */
export function witnessAnchor(count = 3): AnchorOf<'witnesses'> {
  const trusted = createWitnesses(count).map(({ name, publicKey }) => ({ name, publicKey }));
  return { ...common, finality: { kind: 'witnesses', witnesses: trusted } };
}

/** A bundle that the anchor of `validators` opens, sealed by exactly a quorum. */
export function qbftBundle(validators: readonly TestValidator[], changes: readonly Uint8Array[] = []): Uint8Array {
  const sealers = validators.slice(0, Math.ceil((2 * validators.length) / 3));
  const header = sealAsQbft(baseHeader, { validators: accountsOf(validators), sealers });
  return bundleOf({ header, changes, note: undefined }, qbftAnchor(validators));
}

/** A bundle that two of three witnesses vouch for. */
export function witnessBundle(): Uint8Array {
  const anchor = witnessAnchor();
  const note = noteOn(baseHeader, { anchor, signers: witnesses.slice(0, 2) });
  return bundleOf({ header: baseHeader, changes: [], note }, anchor);
}

/** The test tenant's claims and nodes under some header. */
export function bundleOf(vouchers: Pick<ProofBundle, 'header' | 'changes' | 'note'>, anchor: Anchor): Uint8Array {
  return buildBundle({ claims: tenantClaims, vouchers, nodes: built.nodes }, { anchor, crypto: nobleCrypto });
}

/** A bundle's parts changed, encoded canonically again: an attacker who knows the format. */
export function tamper(bundle: Uint8Array, change: (parts: ProofBundle) => Partial<ProofBundle>): Uint8Array {
  const parts = decodeBundle(bundle);
  return encodeBundle({ ...parts, ...change(parts) });
}

/** `ok`, or the code with which a bundle is refused and the check that refused it: `PROOF_INVALID/seal-twice`. */
export function verdictOf(
  bundle: Uint8Array,
  { anchor, now = NOW, crypto = nobleCrypto }: { anchor: Anchor; now?: bigint; crypto?: ProofCrypto },
): string {
  try {
    checkBundle(bundle, { anchor, now, crypto });
    return 'ok';
  } catch (error) {
    if (!hasCode(error)) throw error;
    const { check } = error.details;
    return typeof check === 'string' ? `${error.code}/${check}` : error.code;
  }
}

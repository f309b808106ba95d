import type { ProofCrypto } from '../../chain/light/crypto/proof-crypto.ts';
import { createOpenState } from '../../chain/light/open-state.ts';
import { verifyNonceNotes } from '../../chain/light/witness/verify-nonce-notes.ts';
import type { Digest } from '../../core/digest.ts';
import { hasCode } from '../../core/errors.ts';
import { verifyAccess, type Action } from '../../core/policy.ts';
import type { Anchor, AnchorOf } from '../../core/state/anchor.ts';
import { freshnessOf } from '../../core/state/freshness.ts';
import { mergeStates, type MergedState } from '../../core/state/merge-states.ts';
import { planAnchors } from '../../core/state/plan-anchors.ts';
import type { FactKey, VerifiedState } from '../../core/state/verified-state.ts';
import { verifyConfiguration } from '../../core/verify.ts';
import { parseAnchors } from '../../core/wire/anchors.ts';
import { createIsSignedBy } from '../../chain/light/crypto/is-signed-by.ts';
import { contradictionOf } from './contradiction.ts';
import { openAndHold } from './hold.ts';
import { anchorOf, bytesOf, offerOf } from './resolve.ts';
import type { Bases, BundleVector, NonceVector, RotationVector, Vector } from './vector.ts';

type Hex = `0x${string}`;

/** What vectors are held against; another implementation puts its own driver in the place of this file. */
export interface Driven {
  readonly bases: Bases;
  readonly crypto: ProofCrypto;
}

/**
 * Runs a vector: `ok`, or the code of the refusal with the check that refused (`PROOF_INVALID/seal-twice`). Where an
 * accepted one says something else than the vector does, that is the answer.
 */
export function drive(vector: Vector, driven: Driven): string {
  try {
    return driveAny(vector, driven) ?? 'ok';
  } catch (error) {
    if (!hasCode(error)) throw error;
    const { check } = error.details;
    return typeof check === 'string' ? `${error.code}/${check}` : error.code;
  }
}

/** What `drive` is to answer for a vector. */
export function expectedOf({ expect, check }: Pick<Vector, 'expect' | 'check'>): string {
  return check === undefined ? expect : `${expect}/${check}`;
}

function driveAny(vector: Vector, driven: Driven): string | undefined {
  if ('answers' in vector) return driveNonce(vector, driven);
  return 'offered' in vector ? driveRotation(vector, driven) : driveBundle(vector, driven);
}

function driveBundle(vector: BundleVector, { bases, crypto }: Driven): string | undefined {
  const { lastBlock, versions, proves, now } = vector;
  const anchor = anchorOf(vector.anchor, bases);
  const openState = createOpenState(crypto);
  const opened = openAndHold({
    bundle: bytesOf(vector.bundle, bases),
    anchor,
    openState,
    now,
    lastBlock: lastBlock && { ...lastBlock, hash: lastBlock.hash as Hex },
    seen: new Map(Object.entries(versions).map(([resource, one]) => [resource as Hex, asSeen(one)])),
  });
  const older = vector.kept.map((bytes) => openState(bytesOf(bytes, bases), anchor, now));
  const merged = mergeStates([vouched(opened), ...older.map(vouched)]);
  // Alone, a bundle is asked itself: it refuses to be asked about what it says nothing of.
  const contradiction = proves && contradictionOf(older.length > 0 ? merged : opened, proves);
  if (contradiction !== undefined) return contradiction;
  if (vector.start) start(opened, vector.start, bases);
  if (vector.call) call(merged, vector.call, { now, anchor });
  return undefined;
}

function vouched(state: VerifiedState) {
  return { state, vouchedAt: state.attestedAt };
}

function driveRotation({ anchor, offered, takes }: RotationVector, { bases, crypto }: Driven): string | undefined {
  const current = anchorOf(anchor, bases);
  const isSignedBy = createIsSignedBy(crypto);
  const { taken, refusal } = planAnchors({ current, offered: parseAnchors(offerOf(offered, bases)) }, { isSignedBy });
  const versions = taken.map((one) => one.anchor.version).join();
  if (versions !== takes.join()) return `it took ${versions || 'none'} (${refusal?.code ?? 'ok'})`;
  if (refusal) throw refusal;
  return undefined;
}

function start(state: VerifiedState, question: NonNullable<BundleVector['start']>, bases: Bases): void {
  const { document, profile, resource, account, lastSeen, runtimes } = question;
  verifyConfiguration({
    bytes: bytesOf(document, bases),
    profileBytes: profile && bytesOf(profile, bases),
    resource: resource as Hex,
    account: account as Hex,
    lastSeen: lastSeen && asSeen(lastSeen),
    runtimes,
    state,
  });
}

function asSeen({ version, digest }: BundleVector['versions'][string]): { version: bigint; digest: Digest } {
  return { version, digest: digest as Digest };
}

function call(
  state: MergedState,
  { account, resource, action, aged }: NonNullable<BundleVector['call']>,
  { now, anchor }: { readonly now: bigint; readonly anchor: Anchor },
): void {
  const { vouchedAt } = state;
  const aging = {
    vouchedAt,
    freshnessOf: (fact: FactKey) => freshnessOf({ vouchedAt: vouchedAt(fact), now, anchor }),
  };
  const asked = { account: account as Hex | undefined, resource: resource as Hex, action: action as Action, now };
  verifyAccess(aged ? { ...asked, aging } : asked, state);
}

function driveNonce({ anchor: ref, nonce, answers, proves }: NonceVector, { bases }: Driven): string | undefined {
  const anchor = witnessed(anchorOf(ref, bases));
  const given = answers.map(({ witness, note, batch }) => ({
    witness,
    note: bytesOf(note, bases),
    ...(batch && { batch: batch as readonly Hex[] }),
  }));
  const { attestedAt, latestAt } = verifyNonceNotes({ nonce: nonce as Hex, answers: given }, { anchor });
  const isTold = proves === undefined || (attestedAt === proves.attestedAt && latestAt === proves.latestAt);
  return isTold ? undefined : `ok, but attested from ${attestedAt.toString()} to ${latestAt.toString()}`;
}

function witnessed(anchor: Anchor): AnchorOf<'witnesses'> {
  const { finality } = anchor;
  if (finality.kind !== 'witnesses') throw new TypeError('a nonce is for witnesses');
  return { ...anchor, finality };
}

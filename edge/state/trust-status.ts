import type { Account } from '../../core/account.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { FactAging } from '../../core/policy.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { describeTrust } from '../../core/state/describe-trust.ts';
import { worstOf, type Freshness } from '../../core/state/freshness.ts';
import type { Anchors } from '../../platform/anchors/open-anchors.ts';
import { isoTime, unixSeconds, type Clock } from '../../platform/clock.ts';
import { trustsNode } from './anchored-source.ts';
import type { StateKeeper } from './state-keeper.ts';

/** Whom the device believes, and how old what it believes is, for its operator; times are RFC 3339. */
export interface TrustStatus {
  readonly finality: Anchor['finality']['kind'];
  /** Whom the anchor trusts, in words. */
  readonly trusts: string;
  readonly anchorVersion: number;
  /** The version that was in use before the disk lost it: until it or a newer one is there, nothing new is believed. */
  readonly missingAnchor: number | null;
  /** Which implementations check proofs; null where there are none to check. */
  readonly proofCrypto: string | null;
  /** The anchor's witnesses that can't be asked for the time: the device has no dew, and was not told where they are. */
  readonly unasked: readonly string[];
  /** Who vouched for the newest head, and when; null where nobody did. */
  readonly vouched: {
    readonly at: string;
    readonly ageSeconds: number;
    readonly signers: readonly string[];
    readonly members: number;
    /** Of the anchor that names them: the one in use, or a former one, until newer proof comes. */
    readonly anchorVersion: number;
  } | null;
  /** How far the device's own standing, on which all rests, still counts. */
  readonly freshness: Freshness | null;
  /** Two blocks of one height that the signers both vouched for: nothing newer is believed until root keys say which holds. */
  readonly split: {
    readonly height: string;
    readonly hashes: readonly string[];
    readonly bundles: readonly string[];
  } | null;
}

/** What it is made of. */
export interface TrustStatusDeps {
  readonly keeper: Pick<StateKeeper, 'newest' | 'aging' | 'split'>;
  readonly anchors: Pick<Anchors, 'current' | 'missing'>;
  readonly account: Account;
  readonly proofCrypto: string | undefined;
  readonly asking: Asking;
  /** The device's time. */
  readonly clock: Clock;
}

/** Through whom witnesses are asked for the time. */
export interface Asking {
  /** Names of the witnesses of which it is known where they are. */
  readonly askable: readonly string[];
  /** Dews, which ask all that they know. */
  readonly dewUrls: readonly string[];
}

/** Whom the device believes just now. */
export function trustStatus({ keeper, anchors, account, proofCrypto, asking, clock }: TrustStatusDeps): TrustStatus {
  const split = keeper.split();
  const anchor = anchors.current();
  return {
    finality: anchor.finality.kind,
    trusts: describeTrust(anchor),
    anchorVersion: anchor.version,
    missingAnchor: anchors.missing() ?? null,
    proofCrypto: trustsNode(anchor) ? null : (proofCrypto ?? null),
    unasked: unaskedOf(anchor, asking),
    vouched: vouchedOf(keeper, clock),
    freshness: keeper.newest() === undefined ? null : keeper.aging.freshnessOf({ kind: 'device', account }),
    split:
      split === undefined ? null : { height: split.height.toString(), hashes: split.hashes, bundles: split.bundles },
  };
}

/** How far what a resource rests on still counts: its record, and the device's own standing. */
export function freshnessOfResource(
  resource: ResourceId,
  { aging, account }: { readonly aging: FactAging; readonly account: Account },
): Freshness {
  return worstOf([aging.freshnessOf({ kind: 'record', resource }), aging.freshnessOf({ kind: 'device', account })]);
}

/** The witnesses of an anchor that nobody asks: not through dews, and not at addresses that are known. */
export function unaskedOf({ finality }: Pick<Anchor, 'finality'>, { askable, dewUrls }: Asking): readonly string[] {
  if (finality.kind !== 'witnesses' || dewUrls.length > 0) return [];
  return finality.witnesses.map(({ name }) => name).filter((name) => !askable.includes(name));
}

function vouchedOf(keeper: TrustStatusDeps['keeper'], clock: Clock): TrustStatus['vouched'] {
  const newest = keeper.newest();
  if (newest?.state.attestedAt === undefined) return null;
  const { attestedAt, vouchers } = newest.state;
  return {
    at: isoTime(attestedAt),
    ageSeconds: Math.max(0, Number(unixSeconds(clock) - attestedAt)),
    signers: vouchers?.signers ?? [],
    members: vouchers?.members ?? 0,
    anchorVersion: newest.anchorVersion,
  };
}

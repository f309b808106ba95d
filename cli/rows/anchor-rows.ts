import type { Account } from '../../core/account.ts';
import { hasCode, type ErrorCode } from '../../core/errors.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { messageOfAnchor } from '../../core/state/anchor-message.ts';
import { describeTrust } from '../../core/state/describe-trust.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { verifyNextAnchor } from '../../core/state/verify-next-anchor.ts';
import { showTime } from '../show-time.ts';

/** Whether a device that has `current` would take an anchor, and why not. */
export interface AnchorVerdict {
  readonly takes: boolean;
  readonly code: ErrorCode | undefined;
  readonly why: string;
}

/** What an anchor says, in words and as data. */
export function anchorRecord(signed: SignedAnchor, { isSignedBy }: { readonly isSignedBy: IsSignedBy }): object {
  const { anchor } = signed;
  const { version, tenant, chain, genesis, registry, codeHash, staleAfter, maxStaleness, checkpoint } = anchor;
  return {
    version,
    tenant,
    chain,
    genesis,
    registry,
    codeHash,
    ...trustOf(anchor),
    staleAfter: showSeconds(staleAfter),
    maxStaleness: showSeconds(maxStaleness),
    checkpoint: checkpoint && { ...checkpoint, time: showTime(BigInt(checkpoint.time)) },
    ...rootsRecord(signed, { isSignedBy }),
  };
}

/** Holds an anchor against the one that a device has. */
export function anchorVerdict(
  { current, next }: { readonly current: Anchor; readonly next: SignedAnchor },
  deps: { readonly isSignedBy: IsSignedBy },
): AnchorVerdict {
  try {
    verifyNextAnchor({ current, next }, deps);
    const why = `a device that has version ${current.version} takes it from any server or file`;
    return { takes: true, code: undefined, why };
  } catch (error) {
    if (hasCode(error)) return { takes: false, code: error.code, why: error.message };
    throw error;
  }
}

/** Which accounts signed, each verified. */
export function signersOf(
  { anchor, signatures }: SignedAnchor,
  { isSignedBy }: { readonly isSignedBy: IsSignedBy },
): readonly Account[] {
  const message = messageOfAnchor(anchor);
  return signatures.filter((one) => isSignedBy({ ...one, message })).map(({ account }) => account);
}

function trustOf({ finality }: Anchor): object {
  const trusts = describeTrust({ finality });
  switch (finality.kind) {
    case 'rpc':
      return { trusts: `one node, whatever it says: ${finality.url}` };
    case 'qbft': {
      const { validators, height, hash, contract } = finality;
      return {
        trusts: `any ${trusts}, from block ${height}`,
        validators,
        validatorsNamedBy: contract,
        from: { height, hash },
      };
    }
    case 'witnesses': {
      const { witnesses } = finality;
      return { trusts: `any ${trusts}`, witnesses };
    }
  }
}

function rootsRecord(signed: SignedAnchor, deps: { readonly isSignedBy: IsSignedBy }): object {
  const { roots } = signed.anchor;
  const signers = signersOf(signed, deps);
  const wrong = signed.signatures.map(({ account }) => account).filter((account) => !signers.includes(account));
  const isRoot = (account: Account) => roots?.accounts.includes(account) ?? false;
  const others = signers.filter((account) => !isRoot(account));
  const missing = Math.max(0, (roots?.threshold ?? 0) - signers.filter(isRoot).length);
  return {
    replacedBy: roots
      ? `any ${roots.threshold} of ${roots.accounts.length} roots`
      : 'nobody from afar: it names no roots',
    roots: roots?.accounts.map((account) => ({ account, signed: signers.includes(account) })),
    missing: roots && missing,
    // Roots of the anchor before may be among them.
    otherSigners: others.length > 0 ? others : undefined,
    wrongSignatures: wrong.length > 0 ? wrong : undefined,
  };
}

function showSeconds(seconds: number): string {
  const [unit, size] = (
    [
      ['d', 86_400],
      ['h', 3600],
      ['m', 60],
    ] as const
  ).find(([, of]) => seconds % of === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}

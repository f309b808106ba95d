import type { Anchor } from './anchor.ts';
import type { ValidatorContract } from './finality.ts';
import { quorumOf } from './quorum.ts';

/** Whom an anchor has a device believe, in words for people. */
export function describeTrust({ finality }: Pick<Anchor, 'finality'>): string {
  switch (finality.kind) {
    case 'rpc':
      return `the node at ${originOf(finality.url)}, whatever it says`;
    case 'qbft':
      return `${outOf(finality.validators)} validators${namedBy(finality.contract)}`;
    case 'witnesses':
      return `${outOf(finality.witnesses)} witnesses`;
  }
}

/** Whoever may change what stands in that slot says whom the device believes next. */
function namedBy(contract: ValidatorContract | undefined): string {
  if (contract === undefined) return '';
  const slot = BigInt(contract.slot);
  const shown = slot <= BigInt(Number.MAX_SAFE_INTEGER) ? String(slot) : contract.slot;
  return `, named by the contract ${contract.address} in slot ${shown}`;
}

function outOf({ length }: readonly unknown[]): string {
  return `${quorumOf(length)} of ${length}`;
}

/** Without path and credentials, which may be secrets. */
function originOf(url: string): string {
  return /^[a-z]+:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(url)?.[1] ?? 'an unknown address';
}

import type { Anchor } from './anchor.ts';
import { quorumOf } from './quorum.ts';

/** Whom an anchor has a device believe, in words for people. */
export function describeTrust({ finality }: Pick<Anchor, 'finality'>): string {
  switch (finality.kind) {
    case 'rpc':
      return `the node at ${originOf(finality.url)}, whatever it says`;
    case 'qbft':
      return `${outOf(finality.validators)} validators`;
    case 'witnesses':
      return `${outOf(finality.witnesses)} witnesses`;
  }
}

function outOf({ length }: readonly unknown[]): string {
  return `${quorumOf(length)} of ${length}`;
}

/** Without path and credentials, which may be secrets. */
function originOf(url: string): string {
  return /^[a-z]+:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(url)?.[1] ?? 'an unknown address';
}

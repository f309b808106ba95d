import { DewproofError } from '../../core/errors.ts';
import type { Anchor, AnchorOf } from '../../core/state/anchor.ts';

/**
 * The node that an anchor trusts. One that trusts validators or witnesses names none: whoever asks a node then trusts
 * it, and says so in an anchor of its own.
 * @throws CONFIG
 */
export function nodeOfAnchor({ finality }: Anchor): AnchorOf<'rpc'>['finality'] {
  if (finality.kind === 'rpc') return finality;
  throw new DewproofError(
    'CONFIG',
    `The anchor trusts ${finality.kind === 'qbft' ? 'validators' : 'witnesses'} and names no node; give an anchor whose finality is rpc to ask one.`,
  );
}

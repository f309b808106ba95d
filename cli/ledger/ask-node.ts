import { DewproofError } from '../../core/errors.ts';
import type { Anchor, AnchorOf } from '../../core/state/anchor.ts';

/**
 * The anchor as who asks a node uses it: the anchor's own node, or `node` where the anchor trusts validators or
 * witnesses and names none. What such a node answers is its word alone; a device believes proofs instead.
 * @throws CONFIG (no node is known)
 */
export function askNode(anchor: Anchor, { node }: { readonly node?: string | undefined }): AnchorOf<'rpc'> {
  const { finality } = anchor;
  if (finality.kind === 'rpc') return { ...anchor, finality };
  if (node !== undefined) return { ...anchor, finality: { kind: 'rpc', url: node, confirmations: 0 } };
  const whom = finality.kind === 'qbft' ? 'validators' : 'witnesses';
  throw new DewproofError(
    'CONFIG',
    `The anchor trusts ${whom} and names no node to ask; name one with \`node:\` in config.yaml.`,
  );
}

import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';

/** The EIP-155 chain id that calls are signed for (CAIP-2's reference). @throws CONFIG */
export function chainIdOf({ chain }: Anchor): number {
  const id = /^eip155:(\d{1,15})$/.exec(chain)?.[1];
  if (id !== undefined) return Number(id);
  throw new DewproofError('CONFIG', `The anchor's chain is ${chain}; this command needs an eip155 one.`);
}

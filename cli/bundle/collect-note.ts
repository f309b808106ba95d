import { collectQuorum } from '../../chain/light/witness/collect-quorum.ts';
import { DewproofError } from '../../core/errors.ts';
import type { AnchorOf } from '../../core/state/anchor.ts';
import { openWitnessClient } from '../../platform/witness/witness-client.ts';
import { warn } from '../output/messages.ts';

/** Where a witness of the anchor answers. */
export interface WitnessAddress {
  readonly name: string;
  readonly url: string;
}

/**
 * Asks witnesses for the note on the highest block that a quorum of them signed.
 * @throws USAGE (a name that the anchor does not have), QUORUM, EQUIVOCATION
 */
export async function collectNote(
  addresses: readonly WitnessAddress[],
  anchor: Pick<AnchorOf<'witnesses'>, 'chain' | 'genesis' | 'finality' | 'staleAfter'>,
): Promise<Uint8Array> {
  const names = anchor.finality.witnesses.map(({ name }) => name);
  const clients = new Map(addresses.map(({ name, url }) => [name, openWitnessClient({ url })]));
  const stranger = addresses.find(({ name }) => !names.includes(name));
  if (stranger !== undefined) {
    throw new DewproofError('USAGE', `The anchor has no witness ${stranger.name}; it has ${names.join(', ')}.`);
  }
  const found = await collectQuorum({
    anchor,
    ask: async ({ witness, height }) => clients.get(witness)?.note(height),
    onTrouble: ({ witness, error }) => {
      warn(`${witness}: ${error.code}: ${error.message}`);
    },
  });
  if (found !== undefined) return found.note;
  throw new DewproofError(
    'QUORUM',
    'Too few witnesses signed one block; name more of them, or wait for the next block.',
  );
}

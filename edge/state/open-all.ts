import { hasCode, type DewproofError } from '../../core/errors.ts';
import { addState } from './keep-states.ts';
import type { KeptState } from './proven-state.ts';

type Opening = () => KeptState | Promise<KeptState>;

/**
 * Opens the newest of several states, then the older ones, the newest first. What stands behind one that was lost may
 * have been overridden by it: neither counts, and `onDamage` hears of it. @throws what opening the newest does
 */
export async function openAll(
  { newest, older }: { readonly newest: Opening; readonly older: readonly Opening[] },
  onDamage: (error: DewproofError) => void,
): Promise<readonly KeptState[]> {
  const states = [await newest()];
  try {
    for (const open of older) states.push(await open());
  } catch (error) {
    if (!hasCode(error)) throw error;
    onDamage(error);
  }
  return states.reduceRight<readonly KeptState[]>((all, one) => addState(all, one), []);
}

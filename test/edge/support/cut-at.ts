import { DewproofError } from '../../../core/errors.ts';
import type { EdgeStore } from '../../../edge/store/edge-store.ts';

/** A store that loses power at its `at`th write (from 1): just before the write is on disk, or just after. */
export function cutAt(
  store: EdgeStore,
  { at, moment }: { readonly at: number; readonly moment: 'before' | 'after' },
): { readonly store: EdgeStore; readonly isCut: () => boolean } {
  let writes = 0;
  const cut: EdgeStore = {
    ...store,
    write: async (changes) => {
      writes += 1;
      if (writes < at) return store.write(changes);
      if (writes === at && moment === 'after') await store.write(changes);
      throw new DewproofError('STORE_CORRUPT', 'The power is gone.');
    },
  };
  return { store: cut, isCut: () => writes >= at };
}

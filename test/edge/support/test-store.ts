import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore, sublevelOf, type Store, type Sublevel } from '../../../platform/store/open-store.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';

/** A database of the test's own. */
export async function openTestStore(folder = temporaryFolder()): Promise<Store> {
  const store = await openStore(join(folder, 'store'));
  onTestFinished(() => store.close());
  return store;
}

/** A sublevel of the test's own. */
export async function openTestLevel(): Promise<Sublevel> {
  return sublevelOf(await openTestStore(), 'test');
}

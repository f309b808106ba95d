import type { WriterSession } from '../session.ts';
import { createDewClient, type DewClient } from './dew-client.ts';

/** The dews that the home names, called as the home's account. */
export function dewsOf({ home, signer }: Pick<WriterSession, 'home' | 'signer'>): readonly DewClient[] {
  return home.config.dews.map((url) => createDewClient({ url: url.replace(/\/+$/, ''), signer }));
}

import { resolve } from 'node:path';
import type { GlobalOptions } from '../options.ts';
import { openHome } from './open-home.ts';

/** The data folder whose daemon is meant: the one that was named, else the home's. @throws CONFIG */
export async function openDataFolder({ data, home }: GlobalOptions & { readonly data?: string }): Promise<string> {
  return data === undefined ? (await openHome(home)).dataFolder : resolve(data);
}

import { store, log } from 'dewproof';
export async function onReading() {
  for (const key of ['../other/key', '/', '%2e%2e/other', 'other\u0000key']) await store.put(key, 'mine');
  log.info('keys', (await store.keys()).length);
}

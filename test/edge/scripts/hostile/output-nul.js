import { store, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await store.put('a\u0000b', 'c\u0000d');
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

import { store, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await store.put('deep', JSON.parse('['.repeat(1_000) + ']'.repeat(1_000)));
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

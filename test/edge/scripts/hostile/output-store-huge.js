import { store, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await store.put('huge', 'x'.repeat(400_000));
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

import { store, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await store.put('large', 'x'.repeat(20_000));
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

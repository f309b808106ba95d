import { store, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await store.put('half', '\ud800');
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

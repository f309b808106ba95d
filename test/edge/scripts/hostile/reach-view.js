import { views, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await views.read('other', { limit: 1 });
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

import { fetch, store, log } from 'dewproof';
export async function onReading() {
  const { url } = await store.get('config');
  const answer = await fetch(url);
  log.info('status', answer.status, await answer.text());
  try {
    await fetch(answer.headers.location);
    log.info('passed');
  } catch (error) {
    log.info('refused', error.code);
  }
}

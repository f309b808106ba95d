import { fetch, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await fetch('http://rebound.example/v1/');
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

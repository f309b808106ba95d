import { fetch, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await fetch('https://evil.example/');
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

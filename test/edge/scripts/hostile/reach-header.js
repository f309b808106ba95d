import { fetch, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await fetch('https://rebound.example/v1/', {
      headers: { host: 'evil.example', 'x-a': 'b\r\nc: d' },
    });
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

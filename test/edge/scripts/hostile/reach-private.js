import { fetch, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await fetch('http://169.254.169.254/latest/meta-data/');
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

import { secrets, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await secrets.get('../../keystore');
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

import { inputs, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await inputs.latest('__proto__');
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

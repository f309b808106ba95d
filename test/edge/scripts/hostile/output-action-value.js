import { actions, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await actions.invoke('vent', new Array(50_000).fill(1));
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

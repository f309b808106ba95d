import { actions, log } from 'dewproof';
export async function onReading() {
  try {
    const answer = await actions.invoke('open-the-gate', true);
    log.info('passed', JSON.stringify(answer));
  } catch (error) {
    log.info('refused', error.code);
  }
}

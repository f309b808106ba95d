import { actions, log } from 'dewproof';
export async function onReading() {
  const values = [
    { toJSON: () => 'x'.repeat(100_000) },
    {
      toJSON: () => {
        throw new RangeError('mine');
      },
    },
    {
      get value() {
        return this.value;
      },
    },
  ];
  for (const value of values) {
    try {
      await actions.invoke('vent', value);
      log.info('passed');
    } catch (error) {
      log.info('refused', error.code ?? error.name);
    }
  }
}

import { actions, store, log } from 'dewproof';
const trap = new Proxy(function () {}, {
  get: (_, name) => (name === 'toJSON' ? () => trap : trap),
  ownKeys: () => ['a'],
  getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: trap }),
});
export async function onReading() {
  for (const call of [() => actions.invoke(trap, trap), () => store.put(trap, 1), () => store.get(Symbol('a'))]) {
    try {
      await call();
      log.info('passed');
    } catch (error) {
      log.info('refused', error.code ?? error.name);
    }
  }
}

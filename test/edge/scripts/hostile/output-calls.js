import { store } from 'dewproof';
export function onReading() {
  for (let call = 0; call < 1_000; call += 1) store.get('a').catch(() => undefined);
}

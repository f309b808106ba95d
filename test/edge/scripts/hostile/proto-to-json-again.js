import { store } from 'dewproof';
export async function onReading() {
  const endless = {
    toJSON() {
      return { again: this };
    },
  };
  await store.put('endless', endless);
}

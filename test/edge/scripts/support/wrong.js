import { nothing, store } from 'dewproof';

export async function onStart() {
  await store.put('key');
  return nothing;
}

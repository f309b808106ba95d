import { setTimeout } from 'dewproof';
export function onReading() {
  for (let count = 0; count < 10_000; count += 1) {
    try {
      setTimeout(() => undefined, 60_000);
    } catch {
      // The refusal is what is tested.
    }
  }
}

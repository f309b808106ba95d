import { log } from 'dewproof';
export function onReading() {
  for (let line = 0; line < 2_000; line += 1) log.error('x'.repeat(2_000));
}

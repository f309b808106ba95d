import { log } from 'dewproof';
export async function onReading() {
  for (const name of [
    'node:fs',
    'https://evil.example/a.js',
    './guest.ts',
    'data:text/javascript,1',
    'std',
    '__proto__',
  ]) {
    try {
      await import(name);
      log.info('passed', name);
    } catch {
      log.info('refused', name);
    }
  }
}

import { expect } from 'vitest';
import { PATIENCE_MS } from '../support/patience.ts';

/** What comes true in its time. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: PATIENCE_MS, interval: 20 });
}

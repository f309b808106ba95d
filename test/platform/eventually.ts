import { expect } from 'vitest';

/** What comes true in its time; vitest's own second is short where many tests share few cores. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 15_000, interval: 20 });
}

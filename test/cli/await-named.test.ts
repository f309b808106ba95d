import { expect, onTestFinished, test } from 'vitest';
import { awaitNamed } from '../../cli/dew/await-named.ts';
import type { WitnessAddress } from '../../cli/bundle/collect-note.ts';
import { DewproofError } from '../../core/errors.ts';
import { eventually } from '../platform/eventually.ts';

const addressOf = (name: string): WitnessAddress => ({ name, url: 'http://127.0.0.1:1' });

/** Waits for `south` or `west` to be named; `looks` counts how often the configuration was read. */
function wait() {
  const life = new AbortController();
  onTestFinished(() => {
    life.abort();
  });
  const config = { read: () => Promise.resolve([addressOf('north')]) };
  const seen = { looks: 0, isNamed: false };
  const read = () => {
    seen.looks += 1;
    return config.read();
  };
  void awaitNamed(['south', 'west'], { read, signal: life.signal, everyMs: 1 }).then(() => {
    seen.isNamed = true;
  });
  const looksAgain = async () => {
    const { looks } = seen;
    await eventually(() => seen.looks).toBeGreaterThan(looks + 2);
  };
  return { life, config, seen, looksAgain };
}

test('who is named is seen without a restart, and a file that does not read meanwhile ends nothing', async () => {
  const { config, seen, looksAgain } = wait();
  await looksAgain();
  config.read = () => Promise.reject(new DewproofError('CONFIG', 'It is not YAML.'));
  await looksAgain();
  expect(seen.isNamed).toBe(false);
  config.read = () => Promise.resolve([addressOf('north'), addressOf('west')]);
  await eventually(() => seen.isNamed).toBe(true);
});

test('nobody looks any more once the dew goes by something else', async () => {
  const { life, config, seen, looksAgain } = wait();
  await looksAgain();
  life.abort();
  const { looks } = seen;
  config.read = () => Promise.resolve([addressOf('west')]);
  // Another, which is wanted, looks several times meanwhile; of this one a look may have been under way.
  await wait().looksAgain();
  expect(seen.looks - looks).toBeLessThanOrEqual(1);
});

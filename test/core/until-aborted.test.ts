import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { untilAborted } from '../../core/until-aborted.ts';

describe('untilAborted', () => {
  test('work that fails after nobody waits for it any more ends no process', async () => {
    const unheard: unknown[] = [];
    const note = (error: unknown) => unheard.push(error);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    const work = Promise.reject(new Error('too late'));
    await expect(untilAborted(work, AbortSignal.abort(new Error('closing')))).rejects.toThrow('closing');
    await setImmediate();
    await setImmediate();
    expect(unheard).toEqual([]);
  });

  test('answers what the work does, or the reason as soon as the signal aborts', async () => {
    const closing = new AbortController();
    expect(await untilAborted(Promise.resolve(7), closing.signal)).toBe(7);
    const hanging = untilAborted(Promise.withResolvers().promise, closing.signal);
    closing.abort(new Error('closing'));
    await expect(hanging).rejects.toThrow('closing');
  });
});

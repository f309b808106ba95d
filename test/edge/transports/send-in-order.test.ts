import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sendInOrder } from '../../../edge/transports/send-in-order.ts';

/** An actuator that is busy with what it was told first until it is let go, and with nothing else. */
function busyActuator({ withinMs = 60_000 } = {}) {
  const told: number[] = [];
  const first = Promise.withResolvers<undefined>();
  const outlet = sendInOrder(
    async ([number = -1]) => {
      told.push(number);
      if (number === 0) await first.promise;
    },
    { withinMs },
  );
  const settled: [number, string][] = [];
  const send = async (number: number) => {
    await outlet.send(Uint8Array.of(number)).then(
      () => settled.push([number, 'ok']),
      (error: unknown) => settled.push([number, (error as { code: string }).code]),
    );
  };
  return { outlet, told, settled, send, letGo: first.resolve };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const refused = (number: number) => [number, 'ACTUATOR_FAILED'];

test('an actuator is told one thing after the other, in the order of the calls', async () => {
  const { told, settled, send, letGo } = busyActuator();
  const first = send(0);
  letGo(undefined);
  await first;
  await Promise.all([1, 2, 3].map(send));
  expect(told).toEqual([0, 1, 2, 3]);
  expect(settled.map(([, code]) => code)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('no more than a few wait for an actuator, and what waited too long is never told', async () => {
  const withinMs = 300;
  const { told, settled, send, letGo } = busyActuator({ withinMs });
  const calls = numbers(0, 19).map(send);
  const calledMs = performance.now();
  await expect.poll(() => settled).toEqual(numbers(16, 19).map(refused));
  // The time of the last that waits is over, however long calling all of them took.
  while (performance.now() < calledMs + withinMs) await setTimeout(10);
  letGo(undefined);
  await Promise.all(calls);
  expect(settled.slice(4)).toEqual([[0, 'ok'], ...numbers(1, 15).map(refused)]);
  expect(told).toEqual([0]);
});

test('what waits when the outlet closes is never told', async () => {
  const { outlet, told, settled, send, letGo } = busyActuator();
  const calls = [0, 1].map(send);
  await expect.poll(() => told).toEqual([0]);
  outlet.close();
  letGo(undefined);
  await Promise.all(calls);
  expect(settled).toEqual([[0, 'ok'], refused(1)]);
  expect(told).toEqual([0]);
});

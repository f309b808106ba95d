import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { readBody } from '../../platform/http/read-body.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

test('a body in chunks of a byte each is held as the bytes that it has, not as so many objects', async () => {
  const request = Object.assign(new Readable({ read: () => undefined }), { headers: {} });
  const reading = readBody(request as unknown as IncomingMessage, { maxBytes: 100_000 });
  const chunks: WeakRef<Buffer>[] = [];
  for (let turn = 0; turn < 100; turn += 1) {
    await settle();
    for (let index = 0; index < 1000; index += 1) {
      const chunk = Buffer.alloc(1, index);
      chunks.push(new WeakRef(chunk));
      request.push(chunk);
    }
  }
  await settle();
  collectGarbage();
  expect(chunks.filter((chunk) => chunk.deref() !== undefined).length).toBeLessThan(10_000);
  request.push(null);
  const thousand = Buffer.from(Array.from({ length: 1000 }, (_, index) => index));
  expect(Buffer.compare(await reading, Buffer.concat(Array<Buffer>(100).fill(thousand)))).toBe(0);
});

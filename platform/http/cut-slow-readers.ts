import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** What our own clients take for too slow. */
const SLOWEST = { bytesPerSecond: 1_024, graceMs: 60_000 } as const;

interface Progress {
  /** Bytes that have left. */
  readonly left: number;
  readonly dueAtMs: number;
}

/**
 * Cuts connections that take what they asked for more slowly than `bytesPerSecond`, after `graceMs`. A byte now and
 * then is no silence, and each of hundreds of such clients would hold another answer of megabytes that nobody else wants
 * any more.
 */
export function cutSlowReaders(
  server: Server,
  { bytesPerSecond, graceMs }: { readonly bytesPerSecond: number; readonly graceMs: number } = SLOWEST,
): void {
  const progress = new Map<Socket, Progress | undefined>();
  const look = (): void => {
    const nowMs = performance.now();
    for (const [socket, last] of progress) {
      const waiting = socket.writableLength;
      const left = socket.bytesWritten - waiting;
      if (waiting === 0) progress.set(socket, undefined);
      // One answer counts as a whole: only once all of it has left does `left` grow.
      else if (left !== last?.left) {
        progress.set(socket, { left, dueAtMs: nowMs + graceMs + (waiting / bytesPerSecond) * 1000 });
      } else if (nowMs > last.dueAtMs) socket.destroy();
    }
  };
  const timer = setInterval(look, Math.min(5_000, graceMs)).unref();
  server.on('connection', (socket) => {
    progress.set(socket, undefined);
    socket.once('close', () => progress.delete(socket));
  });
  server.once('close', () => {
    clearInterval(timer);
  });
}

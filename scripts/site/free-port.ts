import { createServer } from 'node:net';

// Below the ports that systems hand out by themselves (Linux from 32768): one of those, free now, may be another
// process's before it is used, and again whenever its own process is killed and started anew.
const FIRST = 10_000;
const COUNT = 22_000;
// Sites that start beside each other look in different places.
let last = (process.pid * 61) % COUNT;

/** A port of 127.0.0.1 that nobody listens on now; each call answers another one. */
export async function freePort(): Promise<number> {
  for (;;) {
    last = (last + 1) % COUNT;
    const port = FIRST + last;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((done) => {
    server.once('error', () => {
      done(false);
    });
    server.listen(port, '127.0.0.1', () => {
      done(true);
    });
  });
  if (isListening) await new Promise((done) => server.close(done));
  return isListening;
}

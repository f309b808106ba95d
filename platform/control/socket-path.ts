import { join } from 'node:path';
import { DewproofError } from '../../core/errors.ts';

// `sockaddr_un.sun_path` holds 108 bytes on Linux and 104 on macOS, the last of them NUL; Node cuts a longer one off.
const MAX_BYTES = 103;

/** Where the daemon of a data folder listens for its operator. @throws CONFIG where the path is too long for a socket */
export function controlSocketPath(folder: string): string {
  const path = join(folder, 'control.sock');
  if (Buffer.byteLength(path) <= MAX_BYTES) return path;
  throw new DewproofError('CONFIG', `The path ${path} is too long for a socket: choose a shorter data folder.`);
}

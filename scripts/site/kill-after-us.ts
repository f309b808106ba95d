import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

// `read` ends where nobody holds the other end of its input open any more, that is with us.
const WAIT_AND_KILL = 'read -r _; kill -s KILL -- "$1"';

/**
 * Has a child (with `isGroup` its whole process group, which it leads) killed when this process ends, however it ends: no
 * `exit` handler runs after SIGKILL, nor where vitest ends a worker (SIGTERM). A shell of its own waits for that; the
 * answer resolves once that shell is gone too, right after the child ended.
 */
export async function killAfterUs(child: ChildProcess, { isGroup }: { readonly isGroup: boolean }): Promise<void> {
  if (child.pid === undefined) return;
  const target = String(isGroup ? -child.pid : child.pid);
  // A group of its own: Ctrl-C in the terminal must leave it there for as long as the child.
  const guard = spawn('sh', ['-c', WAIT_AND_KILL, 'sh', target], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const gone = once(guard, 'exit');
  child.once('exit', () => guard.kill('SIGKILL'));
  await gone;
}

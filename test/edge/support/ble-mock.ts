import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from '../../platform/eventually.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';

const SCRIPT = fileURLToPath(new URL('../../../examples/sensors/ble-mock.py', import.meta.url));
// Debian's packages belong to Debian's Python.
const PYTHON = '/usr/bin/python3';

/** Why no test can have the mock here; undefined where it can. */
export const bleMockLack = findLack();

function findLack(): string | undefined {
  const tries: readonly (readonly [string, string, readonly string[]])[] = [
    ['python3-dbusmock', PYTHON, ['-c', 'import dbusmock, gi']],
    ['dbus', 'dbus-daemon', ['--version']],
  ];
  const missing = tries.filter(([, command, args]) => spawnSync(command, args, { stdio: 'ignore' }).status !== 0);
  return missing.length === 0 ? undefined : `Debian's ${missing.map(([name]) => name).join(' and ')} not installed`;
}

/** BlueZ as far as a test needs it, in a process and on a bus of its own. */
export interface BleMock {
  /** For DBUS_SYSTEM_BUS_ADDRESS. */
  readonly address: string;
  /** What it was asked to do, in order, as in `connect` or `start-notify`. */
  readonly did: readonly string[];
  obey(order: object): Promise<void>;
  /** Stops answering, or goes on; the bus with it. */
  hang(isHanging: boolean): void;
  stop(): Promise<void>;
}

/** Starts the mock on a private bus, at `socket` where one is given. */
export async function startBleMock(socket = join(temporaryFolder(), 'bus')): Promise<BleMock> {
  const child: ChildProcess = spawn(PYTHON, [SCRIPT, '--control', '--socket', socket], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const did: string[] = [];
  let obeyed = 0;
  if (child.stdout === null || child.stdin === null) throw new Error('the mock has no pipes');
  createInterface(child.stdout).on('line', (line) => {
    const said = JSON.parse(line) as { did: string };
    if (said.did === 'obeyed') obeyed += 1;
    else did.push(said.did);
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.stdin?.end();
    await once(child, 'exit');
  };
  onTestFinished(stop);
  await eventually(() => did).toContain('ready');
  let sent = 0;
  return {
    address: `unix:path=${socket}`,
    did,
    obey: async (order) => {
      sent += 1;
      const wanted = sent;
      child.stdin?.write(`${JSON.stringify(order)}\n`);
      await eventually(() => obeyed).toBeGreaterThanOrEqual(wanted);
    },
    hang: (isHanging) => {
      child.kill(isHanging ? 'SIGSTOP' : 'SIGCONT');
    },
    stop,
  };
}

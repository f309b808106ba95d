import { statfs } from 'node:fs/promises';
import type { HostLinks } from '../../edge/network/host-link.ts';
import { failure, ok, warning, type Finding } from './finding.ts';

const MIN_NODE = [22, 18] as const;
const MIB = 1_048_576n;

/** Whether this Node runs TypeScript by itself. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])) return ok('node', version);
  return failure('node', { detail: `${version} is too old`, remedy: `install Node ${MIN_NODE.join('.')} or newer` });
}

/** Whether the disk under `folder` has room: a daemon that can't write what it saw stops applying. */
export async function checkDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder, { bigint: true });
  const freeMiB = (bavail * bsize) / MIB;
  const detail = `${freeMiB} MiB free under ${folder}`;
  if (freeMiB < 16n) return failure('disk', { detail, remedy: 'free some space' });
  if (freeMiB < 256n) return warning('disk', { detail, remedy: 'free some space before it runs out' });
  return ok('disk', detail);
}

/** Which links this host has, for the profile of a device to list; what a system does not tell, it says. */
export function checkLinks({ links, untold }: HostLinks): Finding {
  const found = links.map(({ kind, name, isUp }) => `${kind} ${name} ${isUp ? 'up' : 'down'}`);
  const unknown = untold.length === 0 ? [] : [`not told by this system: ${untold.join(', ')}`];
  const detail = [found.length === 0 ? 'none' : found.join(', '), ...unknown].join('; ');
  if (links.some(({ isUp }) => isUp)) return ok('links', detail);
  return warning('links', {
    detail,
    remedy: 'resources that need a link do not start here; plug one in or switch it on',
  });
}

import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { DewproofError } from '../../core/errors.ts';
import type { Need } from './example.ts';

/** Checks that the programs an example needs are there. @throws CONFIG (names the package) */
export async function verifyNeeds(needs: readonly Need[]): Promise<void> {
  for (const need of needs) {
    if (await isInstalled(need.command)) continue;
    throw new DewproofError('CONFIG', `This needs ${need.command}; install it: apt-get install ${need.package}`);
  }
}

/** Tells whether a program stands on the path, where Debian puts daemons, or at the very place that is named. */
export async function isInstalled(command: string): Promise<boolean> {
  const folders = command.startsWith('/') ? [''] : [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, command), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

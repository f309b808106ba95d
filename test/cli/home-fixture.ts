import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKeystore } from '../../chain/evm/keystore.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Files of a home; `undefined` leaves one out. */
export interface HomeFiles {
  readonly config?: string | undefined;
  readonly anchor?: string | undefined;
  readonly keystore?: string | undefined;
  readonly password?: string | undefined;
}

const keystore = (await createKeystore({ password: 'right' })).json;

/** The anchor of a tenant `greenfields` whose node is at `url`; nobody listens on port 9 (discard). */
function anchorJson({ url = 'http://127.0.0.1:9' } = {}): string {
  const bytes = `0x${'00'.repeat(32)}`;
  return JSON.stringify({
    apiVersion: 'dewproof/v1',
    kind: 'Anchor',
    version: 1,
    tenant: 'greenfields',
    chain: 'eip155:31337',
    genesis: bytes,
    registry: `0x${'11'.repeat(20)}`,
    codeHash: bytes,
    finality: { kind: 'rpc', url, confirmations: 0 },
  });
}

/** A `config.yaml` with more fields than the least. */
export function configYaml(fields = 'role: user'): string {
  return `apiVersion: dewproof/v1\nkind: Home\n${fields}\n`;
}

/** Makes a home that is whole but for what `files` says. */
export function makeHome(files: HomeFiles = {}): string {
  const folder = temporaryFolder();
  const whole = { config: configYaml(), anchor: anchorJson(), keystore, password: 'right\n', ...files };
  const names = { config: 'config.yaml', anchor: 'anchor.json', keystore: 'keystore.json', password: 'password' };
  for (const [file, name] of Object.entries(names)) {
    const content = whole[file as keyof HomeFiles];
    if (content !== undefined) writeFileSync(join(folder, name), content, { mode: 0o600 });
  }
  return folder;
}

import type { Account } from '../../../core/account.ts';
import type { PublicKey } from '../../../core/secrets/secret-vault.ts';
import type { DeviceSecrets, SecretCopy, SecretUpload } from '../../../core/wire/secrets.ts';
import type { Site } from './site.ts';
import { startTestDew, type TestDew } from './test-dew.ts';

/** A dew in an attacker's hands that says of secrets what the test has it say. */
export interface HostileSecretsDew {
  readonly dew: TestDew;
  /** What it answers for `api-key` of `climate`; a string goes out as it is. */
  copy: SecretCopy | string | undefined;
  offered: DeviceSecrets['offered'];
  wanted: DeviceSecrets['wanted'];
  readonly keys: Map<Account, PublicKey>;
  /** What it was sent. */
  readonly uploads: SecretUpload[];
  readonly told: string[];
  rejected: number;
  /** How often it was asked what there is to do. */
  visits: number;
}

/** Starts it on the site's documents. */
export async function startHostileSecretsDew(site: Site): Promise<HostileSecretsDew> {
  const dew = await startTestDew(site);
  const hostile: HostileSecretsDew = {
    dew,
    copy: undefined,
    offered: [],
    wanted: [],
    keys: new Map(),
    uploads: [],
    told: [],
    rejected: 0,
    visits: 0,
  };
  dew.attack = ({ path, request, response }) => {
    const answer = (value: unknown) => {
      if (value === undefined) response.writeHead(404).end();
      else response.writeHead(200).end(typeof value === 'string' ? value : JSON.stringify(value));
      return true;
    };
    const receive = (use: (body: string) => void) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        use(Buffer.concat(chunks).toString());
        answer({ kept: [] });
      });
      return true;
    };
    const [, , kind, first, second] = path.split('/');
    if (kind === 'secrets' && path.endsWith('/copy')) {
      hostile.rejected += 1;
      return answer({});
    }
    if (kind === 'secrets' && request.method === 'PUT') {
      return receive((body) => hostile.uploads.push(JSON.parse(body) as SecretUpload));
    }
    if (kind === 'secrets') return answer(hostile.copy);
    if (kind !== 'devices') return false;
    if (second === 'secrets') {
      hostile.visits += 1;
      const { offered, wanted, told } = hostile;
      return answer({ device: first, isKeyKnown: told.length > 0, offered, wanted });
    }
    if (request.method === 'PUT') return receive((body) => hostile.told.push(body));
    const publicKey = hostile.keys.get(first as Account);
    return answer(publicKey && { publicKey });
  };
  return hostile;
}

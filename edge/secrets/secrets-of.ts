import type { VirtualResource } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import type { HostStart } from '../hosts/host.ts';
import type { Secrets } from './secrets.ts';

/** What a host may ask for: the secrets that its document names, and no other resource's. */
export function secretsOf({ metadata, spec }: VirtualResource, secrets: Pick<Secrets, 'get'>): HostStart['secret'] {
  return async (name) => {
    if (spec.secrets.includes(name)) {
      return secrets.get({ tenant: metadata.tenant, resource: metadata.name, name });
    }
    throw new DewproofError('FORBIDDEN', `${metadata.name} may not have a secret that its document does not name.`);
  };
}

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
    throw new DewproofError('NOT_FOUND', 'This resource names no such secret; only those of its document are its own.');
  };
}

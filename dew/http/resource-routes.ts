import type { RequestHandler } from 'express';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf } from '../../core/ids.ts';
import type { ConfigurationRecord, ProposalRecord } from '../../core/ledger/records.ts';
import type { Catalog } from '../documents/catalog.ts';
import type { Offer } from '../provisioning.ts';
import { isReviewer, mayNotLook, mayRead, type CallerQuestion } from '../verify-caller.ts';
import type { VersionsAnswer } from './answers.ts';
import { offerOf, type DewRoutesDeps } from './dew-routes.ts';
import { callerOf, parameter } from './parameters.ts';

/** `GET /v1/resources`: records and proposals of this dew's groups with the names that their documents give them. */
export function answerResources(deps: DewRoutesDeps): RequestHandler {
  return (_request, response) => {
    const offer = offerOf(deps);
    const caller = callerOf(response, { offer, clock: deps.clock });
    const resources = readable(listResources(offer, deps.catalog), caller);
    if (resources.length === 0 && !isReviewer(caller)) throw mayNotLook(caller);
    response.set('Cache-Control', 'no-store').json({ resources: [...resources] } satisfies VersionsAnswer);
  };
}

/** `GET /v1/resources/{tenant}/{name}`: the same of one resource. */
export function answerResource(deps: DewRoutesDeps): RequestHandler {
  return (request, response) => {
    const offer = offerOf(deps);
    const id = resourceIdOf({ tenant: parameter(request, 'tenant'), name: parameter(request, 'name') });
    const caller = callerOf(response, { offer, clock: deps.clock });
    if (!isReviewer(caller) && !mayRead(caller, id)) throw mayNotLook(caller);
    const versions = listResources(offer, deps.catalog).filter(({ resource }) => resource === id);
    const resources = readable(versions, caller);
    if (resources.length === 0) throw new DewproofError('NOT_FOUND', 'The ledger holds no such resource for this dew.');
    response.set('Cache-Control', 'no-store').json({ resources: [...resources] } satisfies VersionsAnswer);
  };
}

/** Of what there is, what the caller may see: a reviewer all, whom a policy lets read a resource its active version. */
function readable(listed: readonly ListedVersion[], caller: CallerQuestion): readonly ListedVersion[] {
  if (isReviewer(caller)) return listed;
  return listed.filter(({ resource, status }) => status === 'active' && mayRead(caller, resource));
}

type ListedVersion = ReturnType<typeof listResources>[number];

function listResources({ holdings, plans }: Offer, catalog: Catalog) {
  const placed = [...plans.values()].flatMap(({ placement }) => [...placement]);
  const describe = (record: ConfigurationRecord | ProposalRecord, status: string) => {
    const document = catalog.get(record.digest);
    const on = placed.filter(([, resources]) => resources.includes(record.resource)).map(([account]) => account);
    return {
      resource: record.resource,
      tenant: document?.metadata.tenant ?? null,
      name: document?.metadata.name ?? null,
      version: record.version.toString(),
      digest: record.digest,
      status,
      uploaded: document !== undefined,
      devices: status === 'active' ? on : [],
    };
  };
  return [...holdings.values()].flatMap(({ heads, proposals }) => [
    ...heads.map((head) => describe(head, head.status)),
    ...proposals.map((proposal) => describe(proposal, 'proposed')),
  ]);
}

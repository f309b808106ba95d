import type { Request } from 'express';
import { resourceIdOf, type ResourceId } from '../../core/ids.ts';

/** A parameter of the path; empty where there is none. */
export function parameterOf(request: Request, name: string): string {
  const parameter = request.params[name];
  return typeof parameter === 'string' ? parameter : '';
}

/** The resource that a path names by tenant and name. @throws SCHEMA */
export function resourceOf(request: Request): ResourceId {
  return resourceIdOf({ tenant: parameterOf(request, 'tenant'), name: parameterOf(request, 'name') });
}

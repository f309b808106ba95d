import type { Request, RequestHandler, Response } from 'express';
import { callOf } from '../../platform/http/authenticate.ts';
import type { ViewAnswer } from '../hosts/view-answer.ts';
import { findRunning, verifyAllowed } from './access.ts';
import { csvOf } from './csv.ts';
import type { EdgeRoutesDeps } from './edge-routes.ts';
import { negotiate } from './negotiate.ts';
import { parameterOf, resourceOf } from './parameters.ts';

/** What a view is told as; one that is computed has no rows, hence JSON alone. */
export const VIEW_TYPES = ['application/json', 'text/csv'] as const;

/** `GET …/views/{view}`: answers a view, as JSON or CSV, to whom a policy lets read. */
export function readView(deps: EdgeRoutesDeps): RequestHandler {
  return async (request, response) => {
    const resource = resourceOf(request);
    // First whether the caller may know, then whether there is something to know: a stranger gets one answer for both.
    verifyAllowed({ account: callOf(response).account, resource, action: 'read' }, deps);
    const { host, document } = findRunning(resource, deps);
    const id = parameterOf(request, 'view');
    const view = document.spec.views.find((one) => one.id === id);
    const hasRows = view !== undefined && !('computed' in view);
    const type = negotiate({ request, response }, hasRows ? VIEW_TYPES : (['application/json'] as const));
    const answer = await host.answerView(id, request.query);
    response.set('Cache-Control', 'no-store');
    linkNext({ request, response }, answer);
    if (view === undefined || type === 'application/json') response.json(answer);
    // What a document's views answer that are not computed, `answerView` made.
    else response.type('text/csv; charset=utf-8; header=present').send(csvOf(view, answer as ViewAnswer));
  };
}

/** Where the next page is (RFC 8288), by a query that stands for the rest of the address as it is. */
function linkNext({ request, response }: { request: Request; response: Response }, answer: unknown): void {
  if (typeof answer !== 'object' || answer === null || !('next' in answer) || typeof answer.next !== 'string') return;
  const query = new URLSearchParams({ ...(request.query as Record<string, string>), next: answer.next });
  response.set('Link', `<?${query.toString()}>; rel="next"`);
}

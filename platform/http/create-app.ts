import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { Log } from '../log.ts';
import { handleProblems, refuseUnknownPath } from './problems.ts';

/**
 * An express application that serves `routes` under safe headers; everything else is a problem document. `timeCalls`
 * sees every call first.
 */
export function createApp({
  routes,
  log,
  timeCalls,
}: {
  readonly routes: Router;
  readonly log: Log;
  readonly timeCalls?: RequestHandler;
}): Express {
  const app = express();
  // Express's own ETag hashes every body again; what has a digest sets its own.
  app.set('etag', false).set('query parser', 'simple').enable('strict routing').enable('case sensitive routing');
  if (timeCalls !== undefined) app.use(timeCalls);
  app.use(helmet(), routes, refuseUnknownPath, handleProblems(log));
  return app;
}

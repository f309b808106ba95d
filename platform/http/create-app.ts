import express, { type Express, type Router } from 'express';
import helmet from 'helmet';
import type { Log } from '../log.ts';
import { handleProblems, refuseUnknownPath } from './problems.ts';

/** An express application that serves `routes` under safe headers; everything else is a problem document. */
export function createApp({ routes, log }: { readonly routes: Router; readonly log: Log }): Express {
  const app = express();
  // Express's own ETag hashes every body again; what has a digest sets its own.
  app.set('etag', false).set('query parser', 'simple').enable('strict routing').enable('case sensitive routing');
  app.use(helmet(), routes, refuseUnknownPath, handleProblems(log));
  return app;
}

import { Router, type RequestHandler } from 'express';
import type { z } from 'zod';
import type { ErrorCode } from '../../core/errors.ts';
import { openApiOf } from './open-api.ts';

/** A body as it is sent: JSON of `schema`, or bytes of the media type `type`. */
export type Content =
  | { readonly schema: z.ZodType; readonly type?: string; readonly description?: string }
  | { readonly type: string; readonly description: string };

/** What a route does, for people and for clients that are generated; refusals are problem details everywhere. */
export interface Operation {
  /** A short sentence. */
  readonly summary: string;
  /** `open`: to anyone; `signed`: to a signer alone; `policy`: to whom a policy lets, which may be anyone. */
  readonly access: 'open' | 'signed' | 'policy';
  /** Schemas of the path's parameters whose names do not say what they are. */
  readonly path?: Readonly<Record<string, z.ZodType>>;
  readonly query?: z.ZodObject;
  readonly body?: Content;
  /** What it answers where all is well; nothing (204) where left out. */
  readonly answer?: Content;
  /** The status of `answer`; default 200. */
  readonly status?: number;
  /** True where the answer has an ETag, and 304 answers whoever has it. */
  readonly tagged?: boolean;
  /** Codes that it refuses with beside those of its access. */
  readonly codes?: readonly ErrorCode[];
}

/** An operation and where it is; `pattern` in express's form (`/v1/resources/:name`). */
export interface DescribedRoute extends Operation {
  readonly method: Method;
  readonly pattern: string;
}

/** Methods that routes have. */
export type Method = 'get' | 'put' | 'post' | 'delete';

type AddRoute = (path: string, operation: Operation, ...handlers: readonly RequestHandler[]) => void;

/** Routes that can't be added without saying what they are. */
export interface Api extends Readonly<Record<Method, AddRoute>> {
  readonly router: Router;
}

/**
 * Makes an API whose every route describes itself, and which serves the descriptions at `/openapi.json` to anyone: they
 * say what each installation of this release says, and nothing of this one.
 */
export function createApi(about: { readonly title: string; readonly description: string }): Api {
  const router = Router({ strict: true, caseSensitive: true });
  const routes: DescribedRoute[] = [];
  const add =
    (method: Method): AddRoute =>
    (path, operation, ...handlers) => {
      routes.push({ ...operation, method, pattern: path });
      router[method](path, ...handlers);
    };
  const api: Api = { router, get: add('get'), put: add('put'), post: add('post'), delete: add('delete') };
  let document: string | undefined;
  api.get('/openapi.json', openApiOperation, (_request, response) => {
    // At the first call: by then all routes are there.
    document ??= JSON.stringify(openApiOf({ ...about, routes }));
    response.type('application/json').send(document);
  });
  return api;
}

const openApiOperation: Operation = {
  summary: 'This description, the same for every installation of this release',
  access: 'open',
  answer: { type: 'application/json', description: 'An OpenAPI 3.1 document' },
};

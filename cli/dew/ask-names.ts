import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { CallSigner } from '../../core/calls.ts';
import { hasCode } from '../../core/errors.ts';
import { isName } from '../../core/ids.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import type { GlobalOptions } from '../options.ts';
import { warn } from '../output/messages.ts';
import { openCallSigner, openSessionAccount, type Session } from '../session.ts';
import { problemError } from './problem-error.ts';

const limits = { maxBytes: 4_194_304, minBytesPerSecond: 1024, totalMs: 10_000 };

const listSchema = z.looseObject({
  resources: z.array(z.looseObject({ tenant: z.string().nullable(), name: z.string().nullable() })).max(10_000),
});

/**
 * Learns the names of resources that the home's dews know, so that a table shows names where it can. Only where the
 * key opens without asking; a dew that is away is warned of, one that does not tell us such things is left alone.
 * A name is worth no trust: it shows only for the id that it hashes to.
 */
export async function askNames(session: Session, options: GlobalOptions): Promise<void> {
  const { home, names } = session;
  if (home.config.dews.length === 0 || !existsSync(home.keystoreFile)) return;
  if (options.passwordFile === undefined && !existsSync(home.passwordFile)) return;
  const signer = await openCallSigner(session, await openSessionAccount(session, options));
  for (const url of home.config.dews) {
    try {
      for (const name of await fetchNames(url.replace(/\/+$/, ''), { signer, tenant: names.tenant })) {
        names.learn('resource', name);
      }
    } catch (error) {
      if (hasCode(error, 'FORBIDDEN', 'UNAUTHENTICATED', 'NOT_ENROLLED', 'SUSPENDED')) continue;
      warn(error instanceof Error ? error.message : String(error));
    }
  }
}

async function fetchNames(
  url: string,
  { signer, tenant }: { readonly signer: CallSigner; readonly tenant: string },
): Promise<readonly string[]> {
  const response = await fetchCapped(`${url}/v1/resources`, { ...limits, signer });
  if (response.status !== 200) throw problemError(response, url);
  const { resources } = listSchema.parse(JSON.parse(Buffer.from(response.body).toString('utf8')));
  return resources.filter((resource) => resource.tenant === tenant).flatMap(({ name }) => (isName(name) ? [name] : []));
}

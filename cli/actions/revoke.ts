import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf, type Name } from '../../core/ids.ts';
import type { RevokeOptions } from '../commands/revoke.ts';
import { confirm } from '../home/confirm.ts';
import { readState } from '../ledger/read-state.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

/** Withdraws a version of a resource, the active one where none is named. @throws NOT_FOUND, USAGE, the ledger's own codes */
export async function revoke(name: Name, options: RevokeOptions): Promise<void> {
  await withAccount(options, async ({ ledger, names }) => {
    const resource = resourceIdOf({ tenant: names.tenant, name });
    const version = options.version ?? (await readState(ledger)).heads.get(resource)?.version;
    if (version === undefined) throw notActive(name);
    await confirm(`Revoke version ${version} of ${name} for good?`, { assumeYes: options.yes ?? false });
    const submitted = await submit(ledger, { type: 'revoke', resource, version });
    names.learn('resource', name);
    await names.save();
    await printRecord({ resource: name, version, status: 'revoked', ...submittedFields(submitted) }, options.output);
  });
}

function notActive(name: Name): DewproofError {
  return new DewproofError('NOT_FOUND', `No version of ${name} is active; name a proposed one with --version.`);
}

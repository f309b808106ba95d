import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EdgeSpec, Site } from './open-site.ts';
import type { SiteWitness } from './start-witnesses.ts';

export const tenant = 'greenfields';
export const group = 'site';
/** Who governs the site. */
export const people = ['operator', 'approver'];

type Run = Site['run'];
type AccountOf = (home: string) => string;

/** Makes a home with a key for everybody; answers whose account is which. */
export async function makeKeys(
  run: Run,
  { homes, dewUrl }: { homes: readonly string[]; dewUrl: string },
): Promise<AccountOf> {
  const made = await Promise.all(
    homes.map(async (home) => {
      const isPerson = people.includes(home);
      const kind = isPerson ? 'user' : home === 'dew' ? 'dew' : 'edge';
      const options = ['--kind', kind, '--generate-password', '--dew', dewUrl, ...(isPerson ? [] : ['--group', group])];
      const answer = JSON.parse(await run(home, ['init', ...options, '-o', 'json'])) as { account: string };
      return [home, answer.account] as const;
    }),
  );
  const accounts = new Map(made);
  return (home) => {
    const account = accounts.get(home);
    if (account === undefined) throw new TypeError(`the site has no ${home}`);
    return account;
  };
}

/** Deploys the tenant as the operator; everybody gets its anchor, which trusts the chain's node. */
export async function createTenant(options: {
  run: Run;
  folder: string;
  homes: readonly string[];
  accountOf: AccountOf;
  url: string;
  confirmations: number;
}): Promise<void> {
  const { run, folder, homes, accountOf, url } = options;
  const [operator, approver] = [accountOf('operator'), accountOf('approver')];
  const roles = ['publisher', 'registrar', 'policy-admin', 'revoker', 'admin'].flatMap((role) => [
    `--${role}`,
    operator,
  ]);
  const approvals = ['--approver', approver, '--guardian', approver, '--threshold', '1'];
  const finality = ['--confirmations', String(options.confirmations)];
  await run('operator', ['tenant', 'create', tenant, '--url', url, ...roles, ...approvals, ...finality]);
  for (const home of homes.filter((name) => name !== 'operator')) {
    await copyFile(join(folder, 'operator', 'anchor.json'), join(folder, home, 'anchor.json'));
  }
}

/** Devices believe two of the three witnesses; the operator and the approver together may replace their anchor. */
export async function anchorToWitnesses(
  run: Run,
  options: {
    folder: string;
    witnesses: readonly SiteWitness[];
    homes: readonly string[];
    accountOf: AccountOf;
    /** How long facts count as fresh, as 24h (default). */
    staleAfter?: string | undefined;
  },
): Promise<void> {
  const { folder, witnesses, homes, accountOf, staleAfter } = options;
  const file = join(folder, 'device-anchor.json');
  const keys = witnesses.flatMap(({ name, publicKey }) => ['--witness', `${name}=${publicKey}`]);
  const roots = ['--root', ...people.map(accountOf), '--threshold', String(people.length)];
  const ages = staleAfter === undefined ? [] : ['--stale-after', staleAfter];
  await run('operator', ['anchor', 'create', file, ...keys, ...roots, ...ages]);
  for (const home of homes) await copyFile(file, join(folder, home, 'anchor.json'));
}

/** A profile of its own for each edge, so that resources are placed by its labels and bound to its sensors. */
export async function enrol(
  run: Run,
  { specs, accountOf }: { specs: readonly EdgeSpec[]; accountOf: AccountOf },
): Promise<void> {
  const enrolOne = (home: string, kind: string, ...more: readonly string[]) =>
    run('operator', ['device', 'enrol', accountOf(home), '--kind', kind, '--group', group, ...more]);
  await enrolOne('dew', 'dew');
  for (const { name, profile } of specs) await enrolOne(name, 'edge', '--profile', profile);
}

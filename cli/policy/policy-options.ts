import { Option, type Command } from 'commander';
import { parseAccount, type Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import {
  ANYONE,
  ANY_RESOURCE,
  accountSubject,
  parseName,
  resourceIdOf,
  roleIdOf,
  type Name,
  type ResourceId,
  type SubjectId,
} from '../../core/ids.ts';
import { actions, type Action } from '../../core/policy.ts';
import type { Names } from '../home/names.ts';
import { argument, listArgument } from '../options.ts';

/** What a grant is about, and for whom, as the command line says it. */
export interface TargetOptions {
  readonly resource?: Name;
  readonly anyResource?: boolean;
  readonly account?: Account;
  readonly role?: Name;
  readonly anyone?: boolean;
}

/** The same as the ledger's ids, and as people read it. */
export interface Target {
  readonly ids: { readonly resource: ResourceId; readonly subject: SubjectId };
  readonly shown: { readonly resource: string; readonly subject: string };
}

/** Adds the options of `TargetOptions`, of which one resource and one subject must be given. */
export function addTargetOptions(command: Command): Command {
  return command
    .addOption(resourceOption().conflicts('anyResource'))
    .addOption(new Option('--any-resource', 'every resource of the tenant'))
    .addOption(accountOption().conflicts(['role', 'anyone']))
    .addOption(
      new Option('--role <name>', 'the members of a policy role').argParser(argument(parseName)).conflicts('anyone'),
    )
    .addOption(new Option('--anyone', 'every caller, signed or not'));
}

/** Which resource, by name. */
export function resourceOption(): Option {
  return new Option('--resource <name>', 'name of the resource').argParser(argument(parseName));
}

/** Which account. */
export function accountOption(): Option {
  return new Option('--account <account>', 'one account').argParser(argument(parseAccount));
}

/** Which actions; mandatory. */
export function actionsOption(): Option {
  return new Option('--actions <actions...>', `out of ${actions.join(', ')}`)
    .argParser(listArgument(parseAction))
    .makeOptionMandatory();
}

/** Reads what a grant is about and for whom; names used are learnt. @throws USAGE where one is missing */
export function targetOf(options: TargetOptions, names: Names): Target {
  const [resource, shownResource] = resourceOf(options, names);
  const [subject, shownSubject] = subjectOf(options, names);
  return { ids: { resource, subject }, shown: { resource: shownResource, subject: shownSubject } };
}

function resourceOf({ resource, anyResource }: TargetOptions, names: Names): readonly [ResourceId, string] {
  if (anyResource) return [ANY_RESOURCE, 'any'];
  if (resource === undefined) throw missing('--resource or --any-resource');
  names.learn('resource', resource);
  return [resourceIdOf({ tenant: names.tenant, name: resource }), resource];
}

function subjectOf({ account, role, anyone }: TargetOptions, names: Names): readonly [SubjectId, string] {
  if (anyone) return [ANYONE, 'anyone'];
  if (account !== undefined) return [accountSubject(account), account];
  if (role === undefined) throw missing('--account, --role or --anyone');
  names.learn('role', role);
  return [roleIdOf({ tenant: names.tenant, name: role }), `role/${role}`];
}

/** The complaint about an option that is not there. */
export function missing(what: string): DewproofError {
  return new DewproofError('USAGE', `${what} is missing; see \`dewproof policy --help\`.`);
}

function parseAction(text: string): Action {
  const action = actions.find((known) => known === text);
  if (action !== undefined) return action;
  throw new TypeError(`Expected one of ${actions.join(', ')}.`);
}

import { Command, Help } from 'commander';
import { readVersion } from '../platform/version.ts';
import { addAnchor } from './commands/anchor.ts';
import { addApply } from './commands/apply.ts';
import { addApprove } from './commands/approve.ts';
import { addBundle } from './commands/bundle.ts';
import { addCall } from './commands/call.ts';
import { addCompletion } from './commands/completion.ts';
import { addDescribe } from './commands/describe.ts';
import { addDevice } from './commands/device.ts';
import { addDew } from './commands/dew.ts';
import { addDiff } from './commands/diff.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEdge } from './commands/edge.ts';
import { addGet } from './commands/get.ts';
import { addGovernance } from './commands/governance.ts';
import { addHistory } from './commands/history.ts';
import { addInit } from './commands/init.ts';
import { addLogs } from './commands/logs.ts';
import { addPolicy } from './commands/policy.ts';
import { addRevoke } from './commands/revoke.ts';
import { addRole } from './commands/role.ts';
import { addRollout } from './commands/rollout.ts';
import { addSecret } from './commands/secret.ts';
import { addScript } from './commands/script.ts';
import { addStatus } from './commands/status.ts';
import { addTenant } from './commands/tenant.ts';
import { addVerify } from './commands/verify.ts';
import { addWitness } from './commands/witness.ts';
import { addExamples } from './help.ts';
import { addGlobalOptions } from './options.ts';
import { UsageError } from './usage-error.ts';

// In the order in which a new user meets them.
const addCommands = [
  addInit,
  addTenant,
  addDevice,
  addApply,
  addDiff,
  addApprove,
  addRevoke,
  addRollout,
  addPolicy,
  addRole,
  addSecret,
  addGovernance,
  addGet,
  addDescribe,
  addHistory,
  addVerify,
  addBundle,
  addAnchor,
  addScript,
  addCall,
  addDew,
  addEdge,
  addWitness,
  addStatus,
  addLogs,
  addDoctor,
  addCompletion,
];

/** The whole command line, ready to parse; what a command needs beyond its options it imports when it runs. */
export function createProgram(): Command {
  const program = new Command('dewproof')
    .description(
      'Provision virtual resources to edge devices that prove, offline, that each configuration was approved.',
    )
    .version(readVersion(), '-V, --version', 'print the version')
    // Or else `revoke NAME --version 3` would print dewproof's own.
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm })
    .configureOutput({ outputError: () => undefined });
  for (const add of addCommands) add(program);
  addGlobalOptions(program);
  addExamples(program, [
    ['A key and a place for it', 'dewproof init --kind user --generate-password'],
    ['Propose what a folder of documents says', 'dewproof apply -f sites/north/'],
    ['See what runs where, as data', 'dewproof get resources -o json'],
    ['Find out what is wrong', 'dewproof doctor'],
  ]).addHelpText(
    'after',
    `
Exit codes: 0 ok, 1 failure, 2 differs, 64 usage, 69 unavailable, 75 try later, 77 refused, 78 configuration.
Errors are one line on stderr: dewproof: CODE: what happened; what to do.`,
  );
  prepare(program);
  return program;
}

/** Names the command in its errors, and lets its description flow: our line ends are not the terminal's. */
function prepare(command: Command, path = 'dewproof'): void {
  command.exitOverride((error) => {
    throw new UsageError(error, path);
  });
  command.description(command.description().replaceAll(/(?<!\n)\n(?!\n)/g, ' '));
  for (const child of command.commands) prepare(child, `${path} ${child.name()}`);
}

/** A command's name and arguments; commander's own also says `[options]`, which all have. */
function subcommandTerm(this: Help, command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...args].join(' ');
}

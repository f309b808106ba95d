import { Interface, type ErrorDescription } from 'ethers/abi';
import { DewproofError, type ErrorCode } from '../../core/errors.ts';
import type { LedgerCommand } from '../../core/ledger/commands.ts';
import { contractErrors, type ContractError } from './error-codes.ts';
import { accessManagerAbi } from './generated/access-manager.ts';
import { registryAbi } from './generated/registry.ts';

// Some errors stand in both ABIs; ethers keeps one of each.
const errors = new Interface([...registryAbi, ...accessManagerAbi].filter(({ type }) => type === 'error'));

/** What the contracts answered with, as an error of ours; undefined where `data` is none of their custom errors. */
export function decodeContractError(data: string, command?: LedgerCommand['type']): DewproofError | undefined {
  const parsed = parseError(data);
  if (!parsed) return undefined;
  const { code, message } = contractErrors[parsed.name as ContractError];
  return new DewproofError(codeFor(parsed.name as ContractError, command) ?? code, message, {
    details: { error: parsed.name, ...detailsOf(parsed) },
  });
}

/** What the contract says is one error, where our codes tell who asked for what. */
function codeFor(error: ContractError, command: LedgerCommand['type'] | undefined): ErrorCode | undefined {
  return error === 'VersionIsRevoked' && command === 'revoke' ? 'ALREADY_REVOKED' : undefined;
}

function parseError(data: string): ErrorDescription | undefined {
  try {
    return errors.parseError(data) ?? undefined;
  } catch {
    return undefined; // a known selector with arguments that do not decode
  }
}

/** The offender, for logs: the error's arguments by name. */
function detailsOf({ args }: ErrorDescription): Record<string, unknown> {
  try {
    return args.toObject(true);
  } catch {
    return {};
  }
}

import { ACCOUNT_PATTERN } from '../account.ts';
import { BYTES32_PATTERN } from '../digest.ts';
import { isName } from '../ids.ts';
import { WITNESS_NAME_PATTERN } from '../witness/witness-name.ts';
import type { Anchor } from './anchor.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isHash: Check = (value) => typeof value === 'string' && BYTES32_PATTERN.test(value);
const isAccount: Check = (value) => typeof value === 'string' && ACCOUNT_PATTERN.test(value);
const isShort: Check = (value) => typeof value === 'string' && value.length <= 128;
const isHeight: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPositive: Check = (value) => isHeight(value) && value !== 0;
const isWitnessName: Check = (value) => typeof value === 'string' && WITNESS_NAME_PATTERN.test(value);

const anchorFields = {
  apiVersion: (value: unknown) => value === 'dewproof/v1',
  kind: (value: unknown) => value === 'Anchor',
  version: isPositive,
  tenant: isName,
  chain: isShort,
  genesis: isHash,
  registry: isShort,
  codeHash: isHash,
  beginsAt: isHeight,
  finality: isFinality,
  staleAfter: isPositive,
  maxStaleness: isPositive,
};

const optionalFields = { roots: isRoots, checkpoint: isCheckpoint };

/**
 * An anchor of validators or witnesses that has every field and nothing unusual; undefined of any other value, for
 * `anchorSchema` to judge. It takes nothing that the schema does not, and is for one check in a process of its own:
 * loading the schema's library takes as long as starting Node.
 */
export function readPlainAnchor(value: unknown): Anchor | undefined {
  return hasExactly(value, anchorFields, optionalFields) ? (value as unknown as Anchor) : undefined;
}

function isRoots(value: unknown): boolean {
  return (
    hasExactly(value, { threshold: isPositive, accounts: (listed) => isList(listed, { max: 32, is: isAccount }) }) &&
    isReachable(value as { threshold: number; accounts: readonly string[] })
  );
}

function isReachable({ threshold, accounts }: { threshold: number; accounts: readonly string[] }): boolean {
  return threshold <= accounts.length && new Set(accounts).size === accounts.length;
}

function isCheckpoint(value: unknown): boolean {
  return hasExactly(value, { height: isHeight, hash: isHash, time: isHeight });
}

function isFinality(value: unknown): boolean {
  return isValidators(value) || isWitnesses(value);
}

function isValidators(value: unknown): boolean {
  const fields = {
    kind: (kind: unknown) => kind === 'qbft',
    validators: (listed: unknown) =>
      isList(listed, { max: 128, is: isAccount }) && isAscending(listed as readonly string[]),
    height: isHeight,
    hash: isHash,
    epochLength: isPositive,
  };
  return hasExactly(value, fields, { contract: isValidatorContract });
}

function isValidatorContract(value: unknown): boolean {
  return hasExactly(value, { address: isAccount, codeHash: isHash, slot: isHash });
}

function isWitnesses(value: unknown): boolean {
  const isWitness: Check = (one) => hasExactly(one, { name: isWitnessName, publicKey: isHash });
  return hasExactly(value, {
    kind: (kind) => kind === 'witnesses',
    witnesses: (listed) => isList(listed, { max: 64, is: isWitness }) && areDistinct(listed as readonly Fields[]),
  });
}

/** All of the fields, any of the optional ones, and no other. */
function hasExactly(
  value: unknown,
  fields: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const checks = new Map([...Object.entries(fields), ...Object.entries(optional)]);
  return (
    Object.keys(fields).every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, one]) => checks.get(name)?.(one) === true)
  );
}

function isList(value: unknown, { max, is }: { readonly max: number; readonly is: Check }): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= max && value.every(is);
}

function isAscending(accounts: readonly string[]): boolean {
  return accounts.every((one, index) => index === 0 || one > (accounts[index - 1] ?? ''));
}

function areDistinct(all: readonly Fields[]): boolean {
  return ['name', 'publicKey'].every((field) => new Set(all.map((one) => one[field])).size === all.length);
}

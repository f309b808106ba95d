import type { ErrorFragment, Interface } from 'ethers/abi';
import { describe, expect, test } from 'vitest';
import { accessManagerInterface } from '../../../chain/evm/access-manager-interface.ts';
import { decodeContractError } from '../../../chain/evm/decode-error.ts';
import { contractErrors } from '../../../chain/evm/error-codes.ts';
import { registryInterface } from '../../../chain/evm/registry-interface.ts';
import { errorCodes } from '../../../core/errors.ts';

function errorsOf(contract: Interface): readonly ErrorFragment[] {
  return contract.fragments.filter((fragment): fragment is ErrorFragment => fragment.type === 'error');
}

function sample(type: string): unknown {
  if (type === 'address') return `0x${'22'.repeat(20)}`;
  if (type.startsWith('bytes')) return `0x${'11'.repeat(Number(type.slice(5)))}`;
  return 1;
}

describe('every custom error of the contracts', () => {
  const errors = [registryInterface, accessManagerInterface].flatMap((contract) =>
    errorsOf(contract).map((fragment) => ({ contract, fragment })),
  );

  test.for(errors)('$fragment.name is decoded to its code', ({ contract, fragment }) => {
    const args = fragment.inputs.map(
      ({ type, components }) => components?.map((one) => sample(one.type)) ?? sample(type),
    );
    const error = decodeContractError(contract.encodeErrorResult(fragment, args));
    const meaning = contractErrors[fragment.name as keyof typeof contractErrors];
    expect(error?.code).toBe(meaning.code);
    expect(errorCodes).toContain(meaning.code);
    expect(error?.details).toMatchObject({ error: fragment.name });
  });

  test('has a row, and every row an error', () => {
    const names = new Set(errors.map(({ fragment }) => fragment.name));
    expect(Object.keys(contractErrors).sort()).toEqual([...names].sort());
  });

  test('whoever lacks a role or must wait is not permitted, by either contract', () => {
    for (const [name, { code }] of Object.entries(contractErrors)) {
      const isPermission = /Unauthorized|RequiredDelay|NotScheduled|NotReady|Expired$|NotInPerson/.test(name);
      if (isPermission && name !== 'AlreadyExpired') expect([name, code]).toEqual([name, 'NOT_PERMITTED']);
    }
  });
});

test('a revoked version is REVOKED for who proposes it, ALREADY_REVOKED for who revokes it', () => {
  const data = registryInterface.encodeErrorResult('VersionIsRevoked', [`0x${'11'.repeat(32)}`, 1]);
  expect(decodeContractError(data, 'propose')?.code).toBe('REVOKED');
  expect(decodeContractError(data, 'approve')?.code).toBe('REVOKED');
  expect(decodeContractError(data, 'revoke')?.code).toBe('ALREADY_REVOKED');
});

test.for(['0x', '0x12', '0x12345678', '0x08c379a0', `0x${'ff'.repeat(100)}`])('%s is none of them', (data) => {
  expect(decodeContractError(data)).toBeUndefined();
});

test('an error cut short is none of them', () => {
  const data = registryInterface.encodeErrorResult('AlreadyEnrolled', [`0x${'22'.repeat(20)}`]);
  expect(decodeContractError(data.slice(0, -2))).toBeUndefined();
});

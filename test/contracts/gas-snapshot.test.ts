import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { registryAbi } from '../../chain/evm/generated/registry.ts';

// `hardhat test solidity --snapshot-check` compares what was measured; it does not miss what never was.
test('the gas of every function of the registry is in the snapshot', async () => {
  const snapshot = await readFile(new URL('../../snapshots/Registry.json', import.meta.url), 'utf8');
  const measured = Object.keys(JSON.parse(snapshot) as object).map((call) => call.split(',')[0]);
  const functions = registryAbi.filter((entry) => entry.type === 'function').map((entry) => entry.name);
  expect([...new Set(measured)].sort()).toEqual([...functions].sort());
});

import { join } from 'node:path';
import { DewproofError } from '../../core/errors.ts';
import { startProcess, type SiteProcess } from './processes.ts';

/** How often the development chain makes a block. */
export const blockIntervalMs = 1_000;

/** Starts `hardhat node` on 127.0.0.1, mining at an interval as a real chain does. It forgets its state when it ends. */
export async function startHardhatNode(options: {
  readonly port: number;
  readonly logFile: string;
}): Promise<SiteProcess> {
  const { port, logFile } = options;
  const { process } = await startProcess({
    name: 'chain',
    command: join('node_modules', '.bin', 'hardhat'),
    args: ['node', '--hostname', '127.0.0.1', '--port', String(port)],
    logFile,
    isReady: (line) => line.includes('Started HTTP'),
  });
  const url = `http://127.0.0.1:${port}`;
  await callNode(url, { method: 'evm_setAutomine', params: [false] });
  await callNode(url, { method: 'evm_setIntervalMining', params: [blockIntervalMs] });
  return process;
}

/** Has a development chain make a block for every transaction, and none without. */
export async function startMiningAtOnce(url: string): Promise<void> {
  await callNode(url, { method: 'evm_setIntervalMining', params: [0] });
  await callNode(url, { method: 'evm_setAutomine', params: [true] });
}

/** Gives accounts coins on a development chain, so that their transactions are taken. */
export async function fundAccounts(url: string, accounts: readonly string[]): Promise<void> {
  for (const account of accounts) {
    await callNode(url, { method: 'hardhat_setBalance', params: [account, '0x3635c9adc5dea00000'] });
  }
}

async function callNode(url: string, call: { method: string; params: readonly unknown[] }): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...call }),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error) throw new DewproofError('LEDGER_REJECTED', `${call.method}: ${answer.error.message}`);
  return answer.result;
}

import { describe, expect, onTestFinished, test } from 'vitest';
import { askWitnesses } from '../../cli/dew/ask-witnesses.ts';
import { askNode } from '../../cli/ledger/ask-node.ts';
import { DewproofError } from '../../core/errors.ts';
import { anchorSchema } from '../../core/state/anchor.ts';
import { describeTrust } from '../../core/state/describe-trust.ts';
import { createLog } from '../../platform/log.ts';
import { codeOf } from '../core/support/code-of.ts';
import { serve } from '../support/serve.ts';
import { four } from '../support/test-bundles.ts';
import { namedAnchor } from '../support/test-named.ts';
import { createWitnesses } from '../support/test-witnesses.ts';

const witnesses = createWitnesses(3).map(({ name, publicKey }) => ({ name, publicKey }));
const finality = { kind: 'witnesses' as const, witnesses };
const anchor = anchorSchema.parse({
  apiVersion: 'dewproof/v1',
  kind: 'Anchor',
  version: 1,
  tenant: 'greenfields',
  chain: 'eip155:31337',
  genesis: `0x${'11'.repeat(32)}`,
  registry: `0x${'22'.repeat(20)}`,
  codeHash: `0x${'33'.repeat(32)}`,
  finality,
});

function open(urls: readonly (readonly [string, string])[]) {
  const logged: string[] = [];
  const time = { ms: 0 };
  const life = new AbortController();
  onTestFinished(() => {
    life.abort();
  });
  const log = createLog({ name: 'test', level: 'info' }, { write: (line) => logged.push(line) });
  const options = { finality, signal: life.signal, log, elapsedMs: () => time.ms };
  return {
    logged,
    time,
    ...askWitnesses(
      urls.map(([name, url]) => ({ name, url })),
      options,
    ),
  };
}

describe('witnesses to ask', () => {
  test('are at least a quorum of the anchor’s, and no others', () => {
    const known = ['witness-0', 'http://127.0.0.1:1'] as const;
    expect(codeOf(() => open([known]))).toBe('CONFIG');
    expect(codeOf(() => open([known, known]))).toBe('CONFIG');
    expect(codeOf(() => open([known, ['witness-9', 'http://127.0.0.1:1']]))).toBe('CONFIG');
    expect(() => open([known, ['witness-1', 'http://127.0.0.1:1']])).not.toThrow();
  });

  test('that an older anchor named are left alone, and keep no dew from starting', async () => {
    const two = [0, 1].map((at) => [`witness-${at}`, 'http://127.0.0.1:1'] as const);
    const { ask, logged } = open([...two, ['witness-9', 'http://127.0.0.1:1']]);
    await expect(ask({ witness: 'witness-9', height: 'latest' })).resolves.toBeUndefined();
    expect(logged.join()).toContain('no witness witness-9');
    expect(logged.join()).toContain('witness witness-2 answers: name its URL');
  });

  test('are told of once for each code', () => {
    const { onTrouble, logged } = open([
      ['witness-0', 'http://127.0.0.1:1'],
      ['witness-1', 'http://127.0.0.1:1'],
      ['witness-2', 'http://127.0.0.1:1'],
    ]);
    const lie = new DewproofError('PROOF_INVALID', 'A lie.');
    for (let times = 0; times < 5; times += 1) onTrouble({ witness: 'witness-0', error: lie });
    onTrouble({ witness: 'witness-1', error: lie });
    onTrouble({ witness: 'witness-0', error: new DewproofError('DEW_UNAVAILABLE', 'Gone.') });
    expect(logged).toHaveLength(3);
  });

  test('stand in the status until they were well for a minute, and are told of anew after that', () => {
    const { onTrouble, troubles, logged, time } = open([
      ['witness-0', 'http://127.0.0.1:1'],
      ['witness-1', 'http://127.0.0.1:1'],
      ['witness-2', 'http://127.0.0.1:1'],
    ]);
    const fail = () => {
      onTrouble({ witness: 'witness-0', error: new DewproofError('EQUIVOCATION', 'A lie.') });
    };
    fail();
    time.ms += 50_000;
    fail();
    time.ms += 50_000;
    expect(troubles()).toEqual([{ name: 'witness-0', code: 'EQUIVOCATION', message: 'A lie.' }]);
    expect(logged).toHaveLength(1);
    time.ms += 11_000;
    expect(troubles()).toEqual([]);
    fail();
    expect(logged).toHaveLength(2);
  });

  test('are left alone for a while where they hang', async () => {
    let asked = 0;
    const time = { ms: 0 };
    const { url, close } = await serve((_request, response) => {
      asked += 1;
      time.ms += 600;
      response.end('a note');
    });
    onTestFinished(close);
    const { signal } = new AbortController();
    const log = createLog({ name: 'test', level: 'silent' }, { write: () => undefined });
    const addresses = ['witness-0', 'witness-1'].map((name) => ({ name, url }));
    const { ask } = askWitnesses(addresses, { finality, signal, log, elapsedMs: () => time.ms });
    const question = { witness: 'witness-0', height: 'latest' } as const;
    expect(await ask(question)).toBeDefined();
    expect(await ask(question)).toBeUndefined();
    expect(asked).toBe(1);
    time.ms += 10_001;
    expect(await ask(question)).toBeDefined();
  });
});

describe('the node to ask', () => {
  test('is the anchor’s own, else the home’s, else there is none', () => {
    const rpc = { kind: 'rpc' as const, url: 'http://127.0.0.1:8545', confirmations: 3 };
    expect(askNode({ ...anchor, finality: rpc }, { node: 'http://other:1' }).finality).toEqual(rpc);
    expect(askNode(anchor, { node: 'http://other:1' }).finality).toEqual({
      kind: 'rpc',
      url: 'http://other:1',
      confirmations: 0,
    });
    expect(codeOf(() => askNode(anchor, {}))).toBe('CONFIG');
  });

  test('is named where it is trusted, without its credentials', () => {
    expect(describeTrust(anchor)).toBe('2 of 3 witnesses');
    const url = 'http://user:secret@10.0.0.1:8545/key?token=1';
    expect(describeTrust({ finality: { kind: 'rpc', url, confirmations: 0 } })).toBe(
      'the node at 10.0.0.1:8545, whatever it says',
    );
  });

  test.each([
    [`0x${'00'.repeat(31)}07`, '7'],
    [`0x${'ab'.repeat(32)}`, `0x${'ab'.repeat(32)}`],
  ] as const)('names the contract that names the validators, and its slot %s', (slot, shown) => {
    const contract = { address: `0x${'77'.repeat(20)}`, codeHash: `0x${'cd'.repeat(32)}`, slot } as const;
    const { finality: sealed } = namedAnchor(four);
    expect(describeTrust({ finality: { ...sealed, contract } })).toBe(
      `3 of 4 validators, named by the contract ${contract.address} in slot ${shown}`,
    );
  });
});

import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bytes32Of } from '../../../chain/conformance/command-arbitrary.ts';
import { readBatchesOf, readEventsOf } from '../../../chain/conformance/read-ledger.ts';
import { openEvmLedger } from '../../../chain/evm/evm-ledger.ts';
import { hasCode } from '../../../core/errors.ts';
import type { Ledger } from '../../../core/ledger/ledger.ts';
import { deployEvmTenant, type EvmTenant } from '../../support/evm-tenant.ts';
import { startNodeProxy, type Interception, type NodeProxy } from '../../support/node-proxy.ts';
import { startAnvil, type DevNode } from '../../support/nodes.ts';

let node: DevNode;
let proxy: NodeProxy;
let tenant: EvmTenant;
let ledger: Ledger;

beforeAll(async () => {
  node = await startAnvil({ args: ['--accounts', '20'] });
  tenant = await deployEvmTenant(node);
  const writer = await tenant.openLedger('publisher');
  for (const version of [1n, 2n, 3n]) await writer.submit(proposalOf(version));
  await writer.close();
});
afterAll(() => node.kill());

beforeEach(async () => {
  proxy = await startNodeProxy(node);
  ledger = await openThrough({});
});
afterEach(async () => {
  await ledger.close();
  await proxy.close();
});

function openThrough(options: { requestTimeoutMs?: number; submitTimeoutMs?: number }): Promise<Ledger> {
  const { anchor } = tenant.deployed;
  const through = { ...anchor, finality: { ...anchor.finality, url: proxy.url } };
  return openEvmLedger({ anchor: through, signer: tenant.keys.publisher, pollMs: 20, maxBackoffMs: 50, ...options });
}

function proposalOf(version: bigint) {
  const digest = `sha256:${'c1'.repeat(32)}` as const;
  const proposal = { resource: bytes32Of(0xa1), version, digest, group: bytes32Of(0xb1) };
  return { type: 'propose', proposals: [proposal] } as const;
}

let lastVersion = 3n;

function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/** Every use of the ledger that asks the node. */
const uses: Readonly<Record<string, () => Promise<unknown>>> = {
  identity: () => ledger.identity(),
  head: () => ledger.head(),
  events: () => readBatchesOf(ledger),
  submit: () => ledger.submit(proposalOf(++lastVersion)),
};

const raw = (text: string) => (response: ServerResponse) => response.end(text);

/** What a hostile or broken node may answer to anything. */
const answers: Readonly<Record<string, Interception>> = {
  nothing: raw(''),
  'a page': (response) => response.writeHead(502).end('<html>Bad gateway</html>'),
  'JSON cut short': raw('{"jsonrpc":"2.0","id":1,"result":"0x'),
  'no JSON-RPC': raw('[]'),
  'a nesting without end': raw('['.repeat(1_000_000)),
  'another id': (response, { id }) => response.end(JSON.stringify({ jsonrpc: '2.0', id: id + 1, result: '0x1' })),
  null: { result: null },
  'a number': { result: 1 },
  'an object': { result: {} },
  'a text': { result: 'latest' },
  'a giant number': { result: `0x${'f'.repeat(1_000_000)}` },
  'a list': { result: [null, {}, []] },
  'an error': { error: { code: -32_603, message: 'Internal error' } },
  'an endless message': { error: { code: -32_603, message: 'x'.repeat(1_000_000) } },
  'an error without a code': raw('{"jsonrpc":"2.0","id":1,"error":{}}'),
  'a redirect': (response) => response.writeHead(307, { location: node.url }).end(),
  'a closed connection': (response) => response.destroy(),
  'half an answer': (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"jsonrpc"');
    response.destroy();
  },
};

describe('a node that answers', () => {
  test.for(Object.entries(answers))('%s is unavailable, and nothing else comes of it', async ([, answer]) => {
    for (const [use, ask] of Object.entries(uses)) {
      proxy.intercept = () => answer;
      await expect(ask(), use).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
      await ledger.close();
      ledger = await openThrough({});
    }
    proxy.intercept = () => undefined;
    expect(await readEventsOf(ledger)).not.toEqual([]);
  });

  test('so to any one method alone is unavailable too, or refuses; it never crashes us', async () => {
    const wrong: string[] = [];
    for (const [use, ask] of Object.entries(uses)) {
      const methods = new Set<string>();
      proxy.intercept = ({ method }) => void methods.add(method);
      await ask();
      expect(methods.size).toBeGreaterThan(0);
      for (const method of methods) {
        for (const [name, answer] of Object.entries(answers)) {
          proxy.intercept = (call) => (call.method === method ? answer : undefined);
          await ledger.close();
          ledger = await openThrough({ submitTimeoutMs: 150 });
          const code = await ask().then(
            () => undefined,
            (error: unknown) => (hasCode(error) ? error.code : String(error)),
          );
          if (!['LEDGER_UNAVAILABLE', 'LEDGER_REJECTED', 'WRONG_CHAIN', undefined].includes(code)) {
            wrong.push(`${use}, ${method}, ${name}: ${code}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  }, 180_000);
});

describe('a node that takes its time', () => {
  test('or never answers is given up after the timeout', async () => {
    await ledger.close();
    ledger = await openThrough({ requestTimeoutMs: 500 });
    const silent: Interception = () => undefined;
    for (const [use, ask] of Object.entries(uses)) {
      proxy.intercept = () => silent;
      const began = performance.now();
      await expect(ask(), use).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
      // Nothing else gives up within minutes.
      expect(performance.now() - began).toBeLessThan(20_000);
    }
  });

  test('drop by drop is given up too', async () => {
    await ledger.close();
    ledger = await openThrough({ requestTimeoutMs: 500 });
    proxy.intercept = () => (response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => {
        clearInterval(drip);
      });
    };
    await expect(ledger.head()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });

  test('without end fills no memory', async () => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    let sent = 0;
    proxy.intercept = () => (response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        sent += chunk.length;
        response.once('drain', pour);
      };
      pour();
    };
    for (const ask of Object.values(uses)) await expect(ask()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    const before = memoryInUse();
    for (let round = 0; round < 10; round++) {
      await expect(ledger.head()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    }
    // Ten answers, each cut at 8 MiB: what was read of them must not stay, once the connections cut are closed at both ends.
    await expect.poll(() => memoryInUse() - before).toBeLessThan(20e6);
    expect(sent).toBeGreaterThan(10 * 8e6);
  });

  test('is followed again when it answers', async () => {
    await ledger.close();
    ledger = await openThrough({ requestTimeoutMs: 500 });
    const troubles: Error[] = [];
    const ending = new AbortController();
    let passing = false;
    proxy.intercept = () => (passing ? undefined : () => undefined);
    const onTrouble = (error: Error): void => {
      troubles.push(error);
      passing = true;
    };
    for await (const batch of ledger.events({ after: undefined, follow: true, signal: ending.signal, onTrouble })) {
      expect(batch.events).not.toEqual([]);
      ending.abort();
    }
    // More than one where the node is slow by itself as well.
    expect(new Set(troubles.map((error) => hasCode(error) && error.code))).toEqual(new Set(['LEDGER_UNAVAILABLE']));
  });
});

describe('a node that lies', () => {
  type Log = Record<string, unknown> & { topics: string[]; blockNumber: string; logIndex: string };

  async function tell(change: (logs: Log[]) => unknown[]): Promise<unknown> {
    proxy.intercept = async ({ method }, forward) =>
      method === 'eth_getLogs' ? { result: change((await forward()) as Log[]) } : undefined;
    return await readBatchesOf(ledger).then(
      () => undefined,
      (error: unknown) => (hasCode(error) ? error.code : error),
    );
  }

  test('about logs is found out', async () => {
    const first = ([log, ...rest]: Log[], changed: Record<string, unknown>) =>
      log ? [{ ...log, ...changed }, ...rest] : [];
    const last = (logs: Log[], changed: Record<string, unknown>) => first(logs.toReversed(), changed).toReversed();
    const lies: Readonly<Record<string, (logs: Log[]) => unknown[]>> = {
      'of another contract': (logs) => first(logs, { address: `0x${'11'.repeat(20)}` }),
      'of a block not asked for': (logs) => first(logs, { blockNumber: '0xffffff' }),
      'of another fork': (logs) => first(logs, { blockHash: `0x${'11'.repeat(32)}` }),
      'of another fork, alone in their block': (logs) => last(logs, { blockHash: `0x${'11'.repeat(32)}` }),
      'that were removed': (logs) => first(logs, { removed: true }),
      'that the registry has no event for': (logs) => first(logs, { topics: [`0x${'11'.repeat(32)}`] }),
      'without topics': (logs) => first(logs, { topics: [] }),
      'with too many topics': (logs) => first(logs, { topics: Array<string>(5).fill(`0x${'11'.repeat(32)}`) }),
      'cut short': (logs) => first(logs, { data: '0x' }),
      'of odd bytes': (logs) => first(logs, { data: '0x1' }),
      twice: (logs) => logs.flatMap((log) => [log, log]),
      'in another order': (logs) => logs.toReversed(),
    };
    for (const [lie, change] of Object.entries(lies))
      expect([lie, await tell(change)]).toEqual([lie, 'LEDGER_UNAVAILABLE']);
    expect(await tell((logs) => logs)).toBeUndefined();
  });

  test('about which block it was asked for is found out', async () => {
    proxy.intercept = async ({ method, params }, forward) => {
      if (method !== 'eth_getBlockByNumber' || params[0] === 'latest') return undefined;
      return { result: { ...((await forward()) as object), number: '0x99' } };
    };
    await expect(readBatchesOf(ledger)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });

  test('or changes its chain while it is read hands out nothing of it', async () => {
    let read = false;
    proxy.intercept = async ({ method, params }, forward) => {
      if (method === 'eth_getLogs') read = true;
      if (!read || method !== 'eth_getBlockByNumber' || params[0] === 'latest') return undefined;
      return { result: { ...((await forward()) as object), hash: `0x${'11'.repeat(32)}` } };
    };
    await expect(readBatchesOf(ledger)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });

  test('or drops the logs of a block that it replaces meanwhile hands out nothing of it', async () => {
    // The head is another after the logs were read, and the logs of the old one were empty.
    const head = await ledger.head();
    let read = false;
    proxy.intercept = async ({ method, params }, forward) => {
      if (method === 'eth_getLogs') {
        read = true;
        return { result: [] };
      }
      if (!read || method !== 'eth_getBlockByNumber' || params[0] !== `0x${head.height.toString(16)}`) return undefined;
      return { result: { ...((await forward()) as object), hash: `0x${'11'.repeat(32)}` } };
    };
    await expect(readBatchesOf(ledger)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });
});

describe('a node that answers little at once', () => {
  const limits = { 'one block': 1n, 'three blocks': 3n, 'fifty blocks': 50n };

  test.for(Object.entries(limits))('%s: everything is read all the same', async ([, limit]) => {
    const whole = await readEventsOf(ledger);
    proxy.intercept = ({ method, params }) => {
      if (method !== 'eth_getLogs') return undefined;
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
      const asked = BigInt(toBlock) - BigInt(fromBlock) + 1n;
      return asked > limit
        ? { error: { code: -32_005, message: 'Requested range exceeds maximum range limit' } }
        : undefined;
    };
    expect(await readEventsOf(ledger)).toEqual(whole);
  });

  test('as bytes: everything is read all the same', async () => {
    const whole = await readEventsOf(ledger);
    proxy.intercept = ({ method, params }) => {
      if (method !== 'eth_getLogs') return undefined;
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
      return fromBlock === toBlock ? undefined : raw(' '.repeat(9 * 1024 * 1024));
    };
    expect(await readEventsOf(ledger)).toEqual(whole);
  });

  test('not even one block is unavailable', async () => {
    proxy.intercept = ({ method }) =>
      method === 'eth_getLogs' ? { error: { code: -32_005, message: 'limit exceeded' } } : undefined;
    await expect(readBatchesOf(ledger)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });
});

describe('nothing is cached', () => {
  test('every reading asks the node anew', async () => {
    await ledger.head();
    await ledger.identity();
    const asked = proxy.seen.length;
    await ledger.head();
    await ledger.identity();
    expect(asked).toBeGreaterThan(0);
    expect(proxy.seen.length).toBe(2 * asked);
  });
});

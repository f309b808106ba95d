import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { fromHex, toHex } from '../../chain/light/hex.ts';
import { elementSlots } from '../../chain/light/qbft/element-slots.ts';
import { parseQbftExtra } from '../../chain/light/qbft/extra-data.ts';
import { finalitySchema } from '../../core/state/finality.ts';

const page = readFileSync('docs/besu.md', 'utf8');
const rooms = ['chain', 'cli', 'dew', 'edge', 'witness', 'platform'];

function sourcesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('conformance'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** The code blocks of one language. */
function blocksOf(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, block = '']) => block);
}

test('the table of RPC methods names every one that is called, and no other', () => {
  const called = rooms
    .flatMap(sourcesOf)
    .flatMap((source) => [...source.matchAll(/'((?:eth|net|web3|qbft|istanbul|clique|debug|txpool|admin)_\w+)'/g)])
    .map(([, method]) => method);
  const shown = [...page.matchAll(/^\| `(\w+_\w+)` +\|/gm)].map(([, method]) => method);
  expect(shown.length).toBeGreaterThan(10);
  expect(shown).toEqual([...new Set(called)].toSorted());
});

test('the genesis and the compose file are such files, of four validators with free gas', () => {
  const [genesis = ''] = blocksOf('json');
  const { config, mixHash } = z
    .object({ genesis: z.object({ config: z.record(z.string(), z.unknown()), mixHash: z.string() }) })
    .parse(JSON.parse(genesis)).genesis;
  expect(config).toMatchObject({ londonBlock: 0, zeroBaseFee: true, qbft: { epochlength: 30_000 } });
  const source = readFileSync('chain/light/qbft/header-hash.ts', 'utf8');
  expect(source).toContain(mixHash.slice(2));
  const compose = z
    .object({ services: z.record(z.string(), z.object({ command: z.array(z.string()) })) })
    .parse(parse(blocksOf('yaml')[0] ?? '', { merge: true }));
  const services = Object.values(compose.services);
  expect(services).toHaveLength(4);
  for (const { command } of services) expect(command.join(' ')).toContain('--min-gas-price=0');
});

/** A block of JSON with its shortened accounts and hashes written out. */
function writtenOut(json = ''): unknown {
  const full = json
    .replaceAll(/"0x([0-9a-f]{4})…"/g, (_, start: string) => `"0x${start.padEnd(40, '0')}"`)
    .replaceAll('"0x…"', `"0x${'00'.repeat(32)}"`);
  return JSON.parse(full);
}

test('the anchor’s part is as the schema wants it, with a contract too', () => {
  const [, listed, , named] = blocksOf('json').map(writtenOut);
  expect(finalitySchema.parse(listed)).toMatchObject({ kind: 'qbft', epochLength: 30_000 });
  const address = `0x${'7777'.padStart(40, '0')}`;
  expect(finalitySchema.parse(named)).toMatchObject({ kind: 'qbft', contract: { address } });
});

test('the genesis of contract mode lists nobody, and has the list where Solidity puts it', () => {
  const storage = z.record(z.string(), z.string());
  const { extraData, alloc } = z
    .object({ extraData: z.string(), alloc: z.record(z.string(), z.object({ storage })) })
    .parse(writtenOut(blocksOf('json')[2]));
  expect(parseQbftExtra(fromHex(extraData as `0x${string}`))).toMatchObject({ validators: [], vote: undefined });
  const slot = new Uint8Array(32);
  const slots = [slot, ...elementSlots({ slot, count: 1 }, nobleCrypto)].map(toHex);
  expect(Object.values(alloc).map((account) => Object.keys(account.storage))).toEqual([slots]);
});

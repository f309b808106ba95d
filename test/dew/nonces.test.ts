import { describe, expect, onTestFinished, test } from 'vitest';
import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { parseNonceNotes } from '../../core/wire/nonce-notes.ts';
import { batchNonce } from '../../core/witness/batch-nonce.ts';
import { createNonceBatches } from '../../dew/nonces/batch-nonces.ts';
import type { AskWitnesses, DewSources } from '../../dew/sources.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { eventually } from '../platform/eventually.ts';
import { rootedAnchor, rootKeys, signAnchor } from '../support/test-anchors.ts';
import { openSite, testChain, type Site } from './support/site.ts';

const nonceOf = (index: number): Bytes32 => `0x${index.toString(16).padStart(64, '0')}`;

/** Witnesses whose answers are held back until they are let go. */
function holdingWitnesses() {
  const asked: { readonly nonce: Bytes32; readonly answer: (note?: string) => void }[] = [];
  const ask: AskWitnesses = (nonce) =>
    new Promise((resolve) => {
      asked.push({
        nonce,
        answer: (note = 'signed') => {
          resolve([{ witness: 'north', note: Buffer.from(note) }]);
        },
      });
    });
  return { ask, asked };
}

function open(options: Partial<Parameters<typeof createNonceBatches>[0]> & { ask: AskWitnesses }) {
  const batches = createNonceBatches({ pauseMs: 1, ...options });
  onTestFinished(() => {
    void batches.close();
  });
  return batches;
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error: unknown) => (error instanceof DewproofError ? error.code : String(error)),
  );

describe('nonces of those who ask at once', () => {
  test('are signed as one, while those who come later wait for the next', async () => {
    const { ask, asked } = holdingWitnesses();
    const counted: number[] = [];
    const batches = open({ ask, asked: (nonces) => counted.push(nonces) });
    const first = batches.join({ nonce: nonceOf(0), from: 'a' });
    const later = [1, 2, 2, 3].map((index) => batches.join({ nonce: nonceOf(index), from: 'a' }));
    expect(asked.map(({ nonce }) => nonce)).toEqual([batchNonce([nonceOf(0)])]);
    asked[0]?.answer();
    expect(await first).toEqual({ nonces: [nonceOf(0)], notes: [{ witness: 'north', note: 'signed' }] });
    await eventually(() => asked.length).toBe(2);
    const together = [1, 2, 3].map(nonceOf);
    expect(asked[1]?.nonce).toBe(batchNonce(together));
    asked[1]?.answer();
    for (const { nonces } of await Promise.all(later)) expect(nonces).toEqual(together);
    expect(counted).toEqual([1, 3]);
  });

  test('have witnesses asked no sooner than a pause after those before, however many come', async () => {
    const { ask, asked } = holdingWitnesses();
    const batches = open({ ask, pauseMs: 600_000 });
    const first = batches.join({ nonce: nonceOf(0), from: 'a' });
    asked[0]?.answer();
    await first;
    for (let index = 1; index < 100; index += 1) {
      void codeOf(batches.join({ nonce: nonceOf(index), from: `${index}` }));
    }
    await new Promise(setImmediate);
    expect(asked).toHaveLength(1);
  });

  test('of one network fill a batch for themselves alone', async () => {
    const { ask, asked } = holdingWitnesses();
    const batches = open({ ask, mostWaiting: 4 });
    void codeOf(batches.join({ nonce: nonceOf(0), from: 'flood' }));
    const flood = [1, 2, 3, 4].map((index) => codeOf(batches.join({ nonce: nonceOf(index), from: 'flood' })));
    expect(await codeOf(batches.join({ nonce: nonceOf(5), from: 'flood' }))).toBe('TOO_MANY');
    const device = codeOf(batches.join({ nonce: nonceOf(6), from: 'device' }));
    const another = codeOf(batches.join({ nonce: nonceOf(7), from: 'another' }));
    asked[0]?.answer();
    await eventually(() => asked.length).toBe(2);
    expect(asked[1]?.nonce).toBe(batchNonce([1, 2, 6, 7].map(nonceOf)));
    asked[1]?.answer();
    expect(await Promise.all([...flood, device, another])).toEqual(['ok', 'ok', 'TOO_MANY', 'TOO_MANY', 'ok', 'ok']);
  });

  test('are asked for anew after something went wrong', async () => {
    let times = 0;
    const ask: AskWitnesses = () =>
      times++ === 0 ? Promise.reject(new DewproofError('NOT_FOUND', 'None.')) : Promise.resolve([]);
    const batches = open({ ask });
    expect(await codeOf(batches.join({ nonce: nonceOf(0), from: 'a' }))).toBe('NOT_FOUND');
    expect(await codeOf(batches.join({ nonce: nonceOf(1), from: 'a' }))).toBe('ok');
  });

  test('hold up no dew that closes, though a witness hangs: who waits is refused, and nobody is asked again', async () => {
    const { ask, asked } = holdingWitnesses();
    const batches = open({ ask });
    const waiting = [0, 1, 2].map((index) => codeOf(batches.join({ nonce: nonceOf(index), from: 'a' })));
    await batches.close();
    expect(await Promise.all(waiting)).toEqual(Array(3).fill('LEDGER_UNAVAILABLE'));
    expect(await codeOf(batches.join({ nonce: nonceOf(3), from: 'a' }))).toBe('LEDGER_UNAVAILABLE');
    expect(asked).toHaveLength(1);
  });

  test('are answered so that devices can read it, whatever witnesses say', async () => {
    const long = { witness: 'long', note: Buffer.alloc(1025) };
    // As large as it gets on the wire.
    const worst = Array.from({ length: 65 }, () => ({ witness: 'w'.repeat(63), note: Buffer.alloc(1024) }));
    const batches = open({ ask: () => Promise.resolve([long, ...worst]) });
    const all = Array.from({ length: 256 }, (_, index) => nonceOf(index));
    const [, ...rest] = all.map((nonce) => batches.join({ nonce, from: nonce }));
    const answered = await rest[0];
    const bytes = Buffer.from(JSON.stringify(answered));
    expect(bytes.length).toBeLessThan(524_288);
    const { nonces, notes } = parseNonceNotes(bytes, { nonce: nonceOf(9) });
    expect([nonces.length, notes.length]).toEqual([255, 64]);
  });
});

describe('POST /v1/nonces', () => {
  const ask = (site: Site, body: string) =>
    site.call(undefined, 'POST /v1/nonces', {
      body: Buffer.from(body),
      headers: { 'content-type': 'application/json' },
    });
  const questionOf = (index: number) => JSON.stringify({ nonce: nonceOf(index) });

  async function siteWith(askWitnesses: DewSources['askWitnesses']) {
    const chain = testChain();
    const sources = { ledger: chain.ledgerOf(), askWitnesses, close: () => Promise.resolve() };
    const config = { metrics: { host: '127.0.0.1', port: 0 } };
    return openSite({ chain, openSources: () => Promise.resolve(sources), config });
  }

  test('has witnesses sign for anyone, counts it, and lets nobody keep the answer', async () => {
    const site = await siteWith((nonce) => Promise.resolve([{ witness: 'north', note: Buffer.from(nonce) }]));
    const { status, headers, body } = await ask(site, questionOf(7));
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      nonces: [nonceOf(7)],
      notes: [{ witness: 'north', note: batchNonce([nonceOf(7)]) }],
    });
    const metrics = await (await fetch(site.dew.metricsUrl ?? '')).text();
    expect(metrics).toMatch(/^dewproof_dew_nonces_total 1$/m);
  });

  test('has those of a newer anchor asked as soon as that comes', async () => {
    const chain = testChain();
    const signedBy = (witness: string): DewSources['askWitnesses'] => {
      return () => Promise.resolve([{ witness, note: Buffer.from('signed') }]);
    };
    const openSources = ({ version }: { readonly version: number }): Promise<DewSources> =>
      Promise.resolve({
        ledger: chain.ledgerOf(),
        askWitnesses: signedBy(`of-anchor-${version}`),
        close: () => Promise.resolve(),
      });
    const site = await openSite({ chain, openSources });
    const told = async () => Buffer.from((await ask(site, questionOf(1))).body).toString();
    expect(await told()).toContain('of-anchor-1');
    const input = await signAnchor(rootedAnchor({ version: 2 }), rootKeys.slice(0, 2));
    await callDaemon({ folder: site.folder, command: 'import-anchors', input });
    await eventually(told).toContain('of-anchor-2');
  });

  test('refuses what is no nonce, and more of it than a nonce takes, without asking anybody', async () => {
    let asked = 0;
    const site = await siteWith(() => {
      asked += 1;
      return Promise.resolve([]);
    });
    for (const body of ['', '{', '{"nonce":"0x12"}', JSON.stringify({ nonce: nonceOf(1), more: 1 })]) {
      expect((await ask(site, body)).code).toBe('SCHEMA');
    }
    expect((await ask(site, ' '.repeat(257))).code).toBe('ENDLESS_DATA');
    expect(asked).toBe(0);
  });

  test('answers NOT_FOUND where the anchor has no witnesses', async () => {
    expect((await ask(await siteWith(undefined), questionOf(1))).code).toBe('NOT_FOUND');
  });

  test('lets one address ask 50 times at once, for whom witnesses are asked a few times', async () => {
    let asked = 0;
    const site = await siteWith(() => {
      asked += 1;
      return Promise.resolve([]);
    });
    const answers = await Promise.all(Array.from({ length: 400 }, (_, index) => ask(site, questionOf(index))));
    const taken = answers.filter(({ code }) => code === 'ok').length;
    expect(answers.filter(({ code }) => code === 'TOO_MANY')).toHaveLength(400 - taken);
    expect(taken).toBeGreaterThanOrEqual(50);
    expect(taken).toBeLessThan(400);
    expect(asked).toBeLessThan(taken / 2);
  });
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nonceBody } from '../../chain/light/witness/nonce-body.ts';
import { signNote } from '../../chain/light/witness/sign-note.ts';
import { askNonceNotes } from '../../cli/dew/ask-nonce-notes.ts';
import { askForTime } from '../../cli/edge/ask-for-time.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { MAX_NONCE_NOTES_BYTES } from '../../core/wire/nonce-notes.ts';
import { batchNonce } from '../../core/witness/batch-nonce.ts';
import { openSite, testChain } from '../dew/support/site.ts';
import { witnessAnchor } from '../support/test-bundles.ts';
import { createWitnesses } from '../support/test-witnesses.ts';

const anchor = witnessAnchor();
const nonce: Bytes32 = `0x${'5e'.repeat(32)}`;
const other: Bytes32 = `0x${'6f'.repeat(32)}`;
const hash: Bytes32 = `0x${'ab'.repeat(32)}`;
/** The anchor's three, and a stranger. */
const signers = createWitnesses(4);

/** What the witness `index` signs with the key of `by`. */
function noteOf(index: number, { of, time = 1000n, by = index }: { of: Bytes32; time?: bigint; by?: number }) {
  const [witness, signer] = [signers[index], signers[by]];
  if (!witness || !signer) throw new TypeError('no such witness');
  const body = nonceBody({ ...anchor, height: 5n, hash, nonce: of });
  return { witness: witness.name, note: `${body}\n${signNote({ body, time }, { ...signer, name: witness.name })}` };
}

/** A server that gets a nonce with each call. */
async function startServer(answer: (asked: Bytes32, response: ServerResponse, request: IncomingMessage) => void) {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    void json(request).then((body) => {
      answer((body as { nonce: Bytes32 }).nonce, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls: () => calls };
}

/** A witness's face; one that replays answers an older nonce. */
async function startWitness(index: number, { time, replays = false }: { time: bigint; replays?: boolean }) {
  const { url } = await startServer((asked, response) => {
    response.end(noteOf(index, { of: replays ? hash : asked, time }).note);
  });
  return { name: signers[index]?.name ?? '', url };
}

interface Carried {
  readonly nonces: readonly Bytes32[];
  readonly notes: readonly { readonly witness: string; readonly note: string }[];
}

/** A dew that answers with whatever it makes of a nonce; others asked it in the same moment. */
const startDew = (carry: (batch: readonly Bytes32[], of: Bytes32) => Partial<Carried>) =>
  startServer((asked, response) => {
    const nonces = [other, asked];
    response.end(JSON.stringify({ nonces, notes: [], ...carry(nonces, batchNonce(nonces)) }));
  });

/** One that hands on what these witnesses sign. */
const startHonestDew = (indexes: readonly number[], time = 1000n) =>
  startDew((_, of) => ({ notes: indexes.map((index) => noteOf(index, { of, time })) }));

const away = { name: 'witness-2', url: 'http://127.0.0.1:1' };

async function ask({
  witnesses = [],
  dews = [],
}: {
  witnesses?: Parameters<typeof askForTime>[0]['witnesses'];
  dews?: readonly { readonly url: string }[];
}) {
  const refusals: string[] = [];
  const dewUrls = dews.map(({ url }) => url);
  const asking = askForTime({ witnesses, dewUrls, maxAnswerMs: 4000 })({
    nonce,
    anchor,
    signal: new AbortController().signal,
    onRefusal: ({ url, error }) => refusals.push(`${dewUrls.indexOf(url)} ${error.code}`),
  });
  const told = await asking.then(
    ({ attestedAt }) => attestedAt,
    (error: unknown) => (error as { code: string }).code,
  );
  return { told, refusals };
}

describe('witnesses that the device knows', () => {
  test('tell the time, two of three, whoever is away', async () => {
    const witnesses = [await startWitness(0, { time: 1000n }), await startWitness(1, { time: 1010n }), away];
    expect(await ask({ witnesses })).toEqual({ told: 1000n, refusals: [] });
  });

  test('tell nothing by an answer to another nonce', async () => {
    const replaying = await startWitness(1, { time: 1n, replays: true });
    expect(await ask({ witnesses: [await startWitness(0, { time: 1000n }), replaying, away] })).toMatchObject({
      told: 'QUORUM',
    });
  });
});

describe('through dews', () => {
  test('a device that knows no witness is told the time; where all answered, no other dew is asked', async () => {
    const [first, second] = [await startHonestDew([0, 1, 2]), await startHonestDew([0, 1, 2])];
    expect(await ask({ dews: [first, second] })).toEqual({ told: 1000n, refusals: [] });
    expect([first.calls(), second.calls()]).toEqual([1, 0]);
  });

  test('answers add up, also with those of witnesses that were asked directly', async () => {
    const told = [await startHonestDew([0], 1000n), await startHonestDew([1], 1010n)];
    expect(await ask({ dews: told })).toMatchObject({ told: 1000n });
    const witnesses = [await startWitness(2, { time: 1020n })];
    expect(await ask({ dews: told.slice(0, 1), witnesses })).toMatchObject({ told: 1000n });
    expect(await ask({ dews: told.slice(0, 1) })).toMatchObject({ told: 'QUORUM' });
  });

  test('one that withholds is as good as away: the next is asked', async () => {
    const withholding = await startDew(() => ({}));
    const lacking = await startServer((_, response) => response.writeHead(404).end());
    const refusing = await startServer((_, response) => response.writeHead(429).end());
    const gone = { url: 'http://127.0.0.1:1' };
    const dews = [withholding, lacking, refusing, gone, await startHonestDew([0, 1])];
    expect(await ask({ dews })).toEqual({
      told: 1000n,
      refusals: ['1 NOT_FOUND', '2 DEW_UNAVAILABLE', '3 DEW_UNAVAILABLE'],
    });
  });

  test('one that keeps an honest answer back beside a witness that lies tells no false time where another keeps none', async () => {
    const lying = (indexes: readonly number[]) =>
      startDew((_, of) => ({ notes: indexes.map((index) => noteOf(index, { of, time: index === 2 ? 1n : 1000n })) }));
    expect(await ask({ dews: [await lying([0, 2]), await lying([0, 1, 2])] })).toMatchObject({ told: 1000n });
  });

  test('one that replays what witnesses signed for others is told of, and counts nothing', async () => {
    const old = batchNonce([other]);
    const notes = [0, 1, 2].map((index) => noteOf(index, { of: old }));
    const replaying = await startDew(() => ({ nonces: [other], notes }));
    expect(await ask({ dews: [replaying] })).toEqual({ told: 'QUORUM', refusals: ['0 PROOF_INVALID'] });
    const adding = await startDew(() => ({ notes }));
    expect(await ask({ dews: [adding] })).toEqual({ told: 'QUORUM', refusals: [] });
  });

  test('what a stranger signed counts nothing, and hides nothing of the witness by that name', async () => {
    const forged = (of: Bytes32, index: number) => noteOf(index, { of, by: 3, time: 9000n });
    const forging = await startDew((_, of) => ({ notes: [0, 1, 2].map((index) => forged(of, index)) }));
    expect(await ask({ dews: [forging] })).toEqual({ told: 'QUORUM', refusals: [] });
    const mixing = await startDew((_, of) => ({
      notes: [0, 1, 2].flatMap((index) => [forged(of, index), noteOf(index, { of }), forged(of, index)]),
    }));
    expect(await ask({ dews: [mixing] })).toEqual({ told: 1000n, refusals: [] });
    expect(await ask({ dews: [forging, await startHonestDew([0, 1])] })).toMatchObject({ told: 1000n });
  });

  test('one that has witnesses sign again later on makes the time no later', async () => {
    const late = (time: bigint) => startHonestDew([0, 1], time);
    for (const dews of [
      [await late(1000n), await late(5000n)],
      [await late(5000n), await late(1000n)],
    ]) {
      expect(await ask({ dews })).toMatchObject({ told: 1000n });
    }
  });

  test('one that sends too much, too many notes or something else is told of, and the next is asked', async () => {
    const endless = await startServer((_, response) => response.end('x'.repeat(MAX_NONCE_NOTES_BYTES + 1)));
    const many = await startDew((_, of) => ({ notes: Array.from({ length: 65 }, () => noteOf(0, { of })) }));
    const long = await startDew(() => ({ notes: [{ witness: 'witness-0', note: 'x'.repeat(1025) }] }));
    const batch = await startDew((nonces) => ({ nonces: [...nonces, ...Array<Bytes32>(255).fill(other)] }));
    const other404 = await startServer((_, response) => response.end('<html>'));
    const dews = [endless, many, long, batch, other404, await startHonestDew([0, 1])];
    expect(await ask({ dews })).toEqual({
      told: 1000n,
      refusals: ['0 ENDLESS_DATA', '1 SCHEMA', '2 SCHEMA', '3 SCHEMA', '4 SCHEMA'],
    });
  });

  test('one that never ends is left for the next', async () => {
    const silent = await startServer(() => undefined);
    const dripping = await startServer((_, response) => response.writeHead(200).write('{'));
    const { told, refusals } = await ask({ dews: [silent, dripping, await startHonestDew([0, 1])] });
    expect(told).toBe(1000n);
    expect(refusals).toEqual(['0 DEW_UNAVAILABLE', '1 SLOW_RETRIEVAL']);
  });

  test('a real dew asks the witnesses that it knows', async () => {
    const hanging = await startServer(() => undefined);
    const known = [await startWitness(0, { time: 1000n }), await startWitness(1, { time: 1010n })];
    const addresses = [...known, { name: 'witness-2', url: hanging.url }];
    const { finality } = anchor;
    const { signal } = new AbortController();
    const chain = testChain();
    const askWitnesses = askNonceNotes(addresses, { finality, signal });
    const openSources = () =>
      Promise.resolve({ ledger: chain.ledgerOf(), askWitnesses, close: () => Promise.resolve() });
    const { dew } = await openSite({ chain, openSources });
    const asking = askForTime({ witnesses: [], dewUrls: [dew.url] });
    const refused: unknown[] = [];
    const { attestedAt: told } = await asking({ nonce, anchor, signal, onRefusal: (refusal) => refused.push(refusal) });
    expect([told, refused]).toEqual([1000n, []]);
  });
});

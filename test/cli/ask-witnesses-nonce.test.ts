import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { nonceBody } from '../../chain/light/witness/nonce-body.ts';
import { signNote } from '../../chain/light/witness/sign-note.ts';
import { askWitnessesNonce } from '../../cli/edge/ask-witnesses-nonce.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { witnessAnchor, witnesses } from '../support/test-bundles.ts';

const anchor = witnessAnchor();
const nonce: Bytes32 = `0x${'5e'.repeat(32)}`;
const hash: Bytes32 = `0x${'ab'.repeat(32)}`;

/** A witness's face; one that replays answers an older nonce. */
async function startWitness(index: number, { time, replays = false }: { time: bigint; replays?: boolean }) {
  const witness = witnesses[index];
  if (witness === undefined) throw new TypeError('no such witness');
  const server = createServer((request, response) => {
    void json(request).then((asked) => {
      const given = replays ? hash : (asked as { nonce: Bytes32 }).nonce;
      const body = nonceBody({ ...anchor, height: 5n, hash, nonce: given });
      response.end(`${body}\n${signNote({ body, time }, witness)}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { name: witness.name, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const away = { name: 'witness-2', url: 'http://127.0.0.1:1' };
const ask = (addresses: Parameters<typeof askWitnessesNonce>[0]) =>
  askWitnessesNonce(addresses)({ nonce, anchor, signal: new AbortController().signal });

test('two of three tell the time, whoever is away', async () => {
  const told = [await startWitness(0, { time: 1000n }), await startWitness(1, { time: 1010n }), away];
  expect(await ask(told)).toBe(1000n);
});

test('an answer to another nonce does not count', async () => {
  const told = [await startWitness(0, { time: 1000n }), await startWitness(1, { time: 1n, replays: true }), away];
  await expect(ask(told)).rejects.toMatchObject({ code: 'QUORUM' });
});

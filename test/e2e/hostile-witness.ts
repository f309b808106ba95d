import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { makeNote } from '../../chain/light/witness/make-note.ts';
import { openWitnessKey } from '../../chain/witness/witness-key.ts';
import { serve } from '../support/serve.ts';

/** What a witness in the attacker's hands does; its signatures are good. */
export type WitnessAttack =
  /** Signs another hash of every height. */
  | 'false-hash'
  /** Signs the true block and another of its height in turn. */
  | 'equivocate'
  /** Signs for another chain. */
  | 'other-chain'
  /** Shows the first note that it made for ever. */
  | 'frozen'
  /** Takes connections and answers nothing. */
  | 'silent';

/** A witness that lies or is frozen, as a server with the key of a real one. */
export interface HostileWitness {
  setMode(mode: WitnessAttack): void;
  close(): Promise<void>;
}

/** Takes the place of the witness of `home` on its port; it hears of blocks from `honestUrl`. */
export async function startHostileWitness({
  home,
  url,
  honestUrl,
  mode: first,
}: {
  readonly home: string;
  readonly url: string;
  readonly honestUrl: string;
  readonly mode: WitnessAttack;
}): Promise<HostileWitness> {
  const json = await readFile(join(home, 'witness-key.json'), 'utf8');
  const witness = await openWitnessKey({ json, password: (await readFile(join(home, 'password'), 'utf8')).trim() });
  let mode = first;
  let turn = 0;
  let frozen: string | undefined;
  const noteOf = async (path: string): Promise<string | undefined> => {
    const asked = mode;
    if (asked === 'frozen' && frozen !== undefined) return frozen;
    const answer = await fetch(`${honestUrl}${path}`);
    // A height that it does not keep, or a nonce.
    if (!answer.ok) return undefined;
    const [origin = '', height = '', hash = ''] = (await answer.text()).split('\n');
    turn += 1;
    const lies = asked === 'false-hash' || (asked === 'equivocate' && turn % 2 === 0);
    const lines = [
      asked === 'other-chain' ? origin.replace('31337', '1') : origin,
      height,
      lies ? createHash('sha256').update(hash).digest('base64') : hash,
    ];
    const time = BigInt(Math.floor(Date.now() / 1000));
    const note = makeNote({ body: `${lines.join('\n')}\n`, time }, { witness });
    if (asked === 'frozen') frozen = note;
    return note;
  };
  const listener: RequestListener = (request, response) => {
    if (mode === 'silent') return;
    noteOf(request.url ?? '').then(
      (note) => (note === undefined ? response.writeHead(404).end() : response.end(note)),
      () => response.destroy(),
    );
  };
  const { close } = await serve(listener, { port: Number(new URL(url).port) });
  return {
    setMode: (next) => {
      mode = next;
      frozen = undefined;
    },
    close,
  };
}

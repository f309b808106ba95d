import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signNote } from '../../../../chain/light/witness/sign-note.ts';
import { verifyNote } from '../../../../chain/light/witness/verify-note.ts';
import {
  baseHeader,
  bundleOf,
  NOW,
  tamper,
  verdictOf,
  witnessAnchor,
  witnessBundle,
  witnesses,
} from '../../../support/test-bundles.ts';
import { plainHeader } from '../../../support/test-validators.ts';
import { createWitnesses, noteOn } from '../../../support/test-witnesses.ts';
import { refusalOf } from './refusal-of.ts';

const anchor = witnessAnchor();
const body = 'dewproof/block/v1/eip155:1/0x00\n5\nAAAA\n';
const line = (index: number, time = 100n) => {
  const witness = witnesses[index];
  if (!witness) throw new TypeError(`no witness ${index}`);
  return signNote({ body, time }, witness);
};
const noteOf = (...lines: readonly string[]) => Buffer.from(`${body}\n${lines.join('')}`);
const check = (note: Uint8Array, count = 3) =>
  refusalOf(() => verifyNote({ note, body }, { witnesses: createWitnesses(count) }));

describe('a note', () => {
  test('is a C2SP cosignature: what another implementation of the format verifies', () => {
    const [witness] = witnesses;
    const [, name, encoded] = /^— (\S+) (\S+)\n$/.exec(line(0, 1_679_315_147n)) ?? [];
    expect(name).toBe(witness?.name);
    const bytes = Buffer.from(encoded ?? '', 'base64');
    expect(bytes.readBigUInt64BE(4)).toBe(1_679_315_147n);
    const key = createPublicKey(witness?.privateKey ?? '');
    expect(verify(null, Buffer.from(`cosignature/v1\ntime 1679315147\n${body}`), key, bytes.subarray(12))).toBe(true);
  });

  test.each([1, 2, 3, 4, 5, 6, 7])('counts when ceil(2N/3) of %i witnesses signed it', (count) => {
    const all = createWitnesses(count);
    const lines = all.map((witness) => signNote({ body, time: 100n }, witness));
    const needed = Math.ceil((2 * count) / 3);
    expect(check(noteOf(...lines), count)).toBeUndefined();
    expect(check(noteOf(...lines.slice(0, needed)), count)).toBeUndefined();
    expect(check(noteOf(...lines.slice(count - needed)), count)).toBeUndefined();
    if (needed > 1) expect(check(noteOf(...lines.slice(0, needed - 1)), count)).toBe('QUORUM');
  });

  const stranger = createWitnesses(5)[4];
  const [first] = witnesses;
  if (!stranger || !first) throw new TypeError('no witnesses');
  const flipTime = (text: string) => {
    const [, name = '', encoded = ''] = /^— (\S+) (\S+)\n$/.exec(text) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    bytes.writeBigUInt64BE(bytes.readBigUInt64BE(4) + 1n, 4);
    return `— ${name} ${bytes.toString('base64')}\n`;
  };
  test.each<[string, Uint8Array, string]>([
    ['one witness twice', noteOf(line(0), line(0)), 'note-order'],
    ['one witness at two times', noteOf(line(0, 100n), line(0, 101n)), 'note-order'],
    ['another order', noteOf(line(1), line(0)), 'note-order'],
    ["a stranger's line", noteOf(line(0), signNote({ body, time: 1n }, stranger)), 'note-stranger'],
    ["a witness's name with another's key", noteOf(line(0), line(0).replace('witness-0', 'witness-1')), 'note-key'],
    [
      'a stranger under a witness’s name',
      noteOf(signNote({ body, time: 1n }, { ...stranger, name: first.name }), line(1)),
      'note-key',
    ],
    [
      'another signer with the witness’s key id',
      noteOf(signNote({ body, time: 1n }, { ...first, privateKey: stranger.privateKey }), line(1)),
      'note-signature',
    ],
    ['a time that was moved', noteOf(flipTime(line(0)), line(1)), 'note-signature'],
    ['no newline at its end', noteOf(line(0), line(1).trimEnd()), 'note-form'],
    ['a line of something else', noteOf(line(0), 'x\n'), 'note-form'],
    ['an empty line', noteOf(line(0), '\n'), 'note-form'],
    ['no line', noteOf(), 'note-form'],
    ['another body', Buffer.from(`${body.replace('5', '6')}\n${line(0)}${line(1)}`), 'note-body'],
    [
      'spare bits in its base64',
      noteOf(
        line(0),
        line(1).replace(/.==\n$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}==\n`),
      ),
      'note-base64',
    ],
    ['more bytes than a note has', noteOf('x'.repeat(20_000)), 'note-size'],
  ])('is refused with %s', (_, note, expected) => {
    expect(check(note)).toBe(expected);
  });

  test('vouches for a time that no minority of liars can move forward', () => {
    const at = (times: readonly bigint[], count: number) =>
      verifyNote(
        {
          note: noteOf(
            ...createWitnesses(count)
              .slice(0, times.length)
              .map((witness, index) => signNote({ body, time: times[index] ?? 0n }, witness)),
          ),
          body,
        },
        { witnesses: createWitnesses(count) },
      ).attestedAt;
    expect(at([100n], 1)).toBe(100n);
    expect(at([100n, 900n], 2)).toBe(900n);
    expect(at([100n, 900n], 3)).toBe(100n);
    expect(at([100n, 110n, 900n], 3)).toBe(110n);
    expect(at([100n, 110n, 800n, 900n], 6)).toBe(110n);
    expect(at([100n, 110n, 800n, 900n, 120n, 5n], 6)).toBe(120n);
  });
});

describe('a bundle with a note', () => {
  const noted = (note: Uint8Array, header = baseHeader) => bundleOf({ header, changes: [], note }, anchor);
  const signers = witnesses.slice(0, 2);
  const verdict = (bundle: Uint8Array, trusted = anchor, now = NOW) => verdictOf(bundle, { anchor: trusted, now });

  test('opens', () => {
    expect(verdict(witnessBundle())).toBe('ok');
  });
  test('is of one chain', () => {
    expect(verdict(witnessBundle(), { ...anchor, chain: 'eip155:1338' })).toBe('PROOF_INVALID/note-body');
    expect(verdict(witnessBundle(), { ...anchor, genesis: `0x${'98'.repeat(32)}` })).toBe('PROOF_INVALID/note-body');
  });
  test('is of one block: the note of another vouches for nothing here', () => {
    const other = noteOn(plainHeader({ height: 501n }), { anchor, signers });
    expect(verdict(noted(other))).toBe('PROOF_INVALID/note-body');
  });
  test('needs its note, and has no headers beside', () => {
    expect(verdict(tamper(witnessBundle(), () => ({ note: undefined })))).toBe('PROOF_INVALID/note-missing');
    expect(verdict(tamper(witnessBundle(), () => ({ changes: [baseHeader] })))).toBe('PROOF_INVALID/change-extra');
  });
  test('is not from before the tenant', () => {
    expect(verdict(witnessBundle(), { ...anchor, beginsAt: 501 })).toBe('ROLLBACK');
    expect(verdict(witnessBundle(), { ...anchor, beginsAt: 500 })).toBe('ok');
  });
  test('is not of the future, where the clock is believed', () => {
    const ahead = noted(noteOn(baseHeader, { anchor, signers, times: [NOW + 700n, NOW + 700n] }));
    expect(verdict(ahead)).toBe('PROOF_INVALID/time-ahead');
    expect(verdict(ahead, anchor, NOW + 100n)).toBe('ok');
    expect(verdict(ahead, anchor, 0n)).toBe('ok');
    expect(verdict(witnessBundle(), anchor, NOW - 10n * 365n * 86_400n)).toBe('PROOF_INVALID/time-ahead');
  });
});

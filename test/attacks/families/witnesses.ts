import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { toHex } from '../../../chain/light/hex.ts';
import { integerBytes, decodeRlp, encodeRlp } from '../../../chain/light/rlp.ts';
import { noteBody } from '../../../chain/light/witness/note-body.ts';
import { nonceBody } from '../../../chain/light/witness/nonce-body.ts';
import { signNote, type SigningWitness } from '../../../chain/light/witness/sign-note.ts';
import { baseHeader, four, HEIGHT, tamper, witnessAnchor, witnessBundle } from '../../support/test-bundles.ts';
import { hashOf, plainHeader, replaceItem } from '../../support/test-validators.ts';
import { createWitnesses } from '../../support/test-witnesses.ts';
import type { Draft, Family } from '../make/draft.ts';
import { head } from '../make/sealed.ts';

const anchor = witnessAnchor();
const time = 1_700_000_000n + HEIGHT;
const block = { chain: anchor.chain, genesis: anchor.genesis, height: HEIGHT, hash: hashOf(baseHeader) };
const body = noteBody(block);
const all = createWitnesses(7);
const at = (index: number): SigningWitness => {
  const found = all[index];
  if (!found) throw new TypeError(`no witness ${index}`);
  return found;
};
const good = witnessBundle();
const line = (index: number, when = time, over = body) => signNote({ body: over, time: when }, at(index));
const noteOf = (...lines: readonly string[]) => Buffer.from(`${body}\n${lines.join('')}`);
const noted = (note: Uint8Array) => tamper(good, () => ({ note: new Uint8Array(note) }));

const bad = (name: string, attack: string, expect: string, note: Uint8Array): Draft => ({
  name,
  attack,
  expect,
  anchor: 'witnesses',
  bundle: noted(note),
});
const about = (other: Partial<typeof block>) => {
  const of = noteBody({ ...block, ...other });
  return Buffer.from(`${of}\n${line(0, time, of)}${line(1, time, of)}`);
};
const trusting = (count: number) => ({
  finality: { witnesses: createWitnesses(count).map(({ name, publicKey }) => ({ name, publicKey })) },
});

const counts = [1, 2, 3, 4, 5, 6, 7].flatMap((count): readonly Draft[] => {
  const needed = Math.ceil((2 * count) / 3);
  const lines = Array.from({ length: count }, (_, index) => line(index));
  const vector = { anchor: 'witnesses', patch: trusting(count) } as const;
  const ok = {
    attack: 'None: exactly ceil(2N/3) witnesses signed.',
    expect: 'ok',
    proves: { height: '500', attestedAt: time.toString() },
  };
  return [
    { name: `${needed}-of-${count}`, ...ok, ...vector, bundle: noted(noteOf(...lines.slice(0, needed))) },
    { name: `last-${needed}-of-${count}`, ...ok, ...vector, bundle: noted(noteOf(...lines.slice(count - needed))) },
    { name: `all-of-${count}`, ...ok, ...vector, bundle: noted(noteOf(...lines)) },
    ...(needed === 1
      ? []
      : [
          {
            name: `${needed - 1}-of-${count}`,
            attack: 'One witness fewer than the quorum, hoping for a division that rounds down.',
            source: 'quorum rounding',
            expect: 'QUORUM',
            ...vector,
            bundle: noted(noteOf(...lines.slice(0, needed - 1))),
          },
        ]),
  ];
});

const times = (name: string, attack: string, count: number, signed: readonly bigint[], attestedAt: bigint): Draft => ({
  name,
  attack,
  source: 'TUF: freeze, with a false time',
  expect: 'ok',
  now: 0n,
  anchor: 'witnesses',
  patch: trusting(count),
  proves: { attestedAt: attestedAt.toString() },
  bundle: noted(noteOf(...signed.map((when, index) => line(index, when)))),
});

/** The cosignature of a line, changed as bytes. */
function rewrite(text: string, change: (bytes: Buffer) => Buffer): string {
  const [, name = '', encoded = ''] = /^— (\S+) (\S+)\n$/.exec(text) ?? [];
  return `— ${name} ${change(Buffer.from(encoded, 'base64')).toString('base64')}\n`;
}
const flip = (place: number) => (bytes: Buffer) =>
  Buffer.from(bytes.map((byte, index) => (index === place ? byte ^ 1 : byte)));
const spare = (text: string) =>
  text.replace(/(.)==\n$/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}==\n`);
const sealed = head({ set: four });

/** Notes of witnesses. */
export const witnessesFamily: Family = {
  family: 'witnesses',
  about: 'Signed notes of operators’ witnesses over a block’s hash.',
  source: 'TUF: key compromise below the threshold',
  drafts: [
    ...counts,
    bad('no-lines', 'A note that nobody signed.', 'QUORUM', noteOf('\n')),
    bad('nothing', 'A note of no bytes.', 'PROOF_INVALID/note-body', Buffer.alloc(0)),
    bad('body-alone', 'A note’s body, and nothing after it.', 'PROOF_INVALID/note-form', noteOf()),
    bad('one-twice', 'One witness’s line twice.', 'PROOF_INVALID/note-order', noteOf(line(0), line(0))),
    bad(
      'one-at-two-times',
      'One witness signs twice, at two times.',
      'PROOF_INVALID/note-order',
      noteOf(line(0), line(0, time + 1n)),
    ),
    bad(
      'another-order',
      'The lines in another order: the same note in other bytes.',
      'PROOF_INVALID/note-order',
      noteOf(line(1), line(0)),
    ),
    bad(
      'two-and-one-of-them-again',
      'A good note and a line of it again.',
      'PROOF_INVALID/note-order',
      noteOf(line(0), line(1), line(1)),
    ),
    bad(
      'a-stranger',
      'A line of a witness that the anchor does not name.',
      'PROOF_INVALID/note-stranger',
      noteOf(line(0), line(5)),
    ),
    bad(
      'two-and-a-stranger',
      'A good note with a stranger’s line: the same block in other bytes.',
      'PROOF_INVALID/note-stranger',
      noteOf(line(0), line(1), line(5)),
    ),
    bad(
      'a-name-with-anothers-key',
      'One witness’s line under another’s name.',
      'PROOF_INVALID/note-key',
      noteOf(line(0), line(0).replace('witness-0', 'witness-1')),
    ),
    bad(
      'a-stranger-under-a-witnesss-name',
      'A stranger signs under a witness’s name.',
      'PROOF_INVALID/note-key',
      noteOf(line(0), signNote({ body, time }, { ...at(5), name: at(1).name })),
    ),
    bad(
      'a-stranger-with-a-witnesss-key-id',
      'A stranger signs under a witness’s name and key id.',
      'PROOF_INVALID/note-signature',
      noteOf(line(0), signNote({ body, time }, { ...at(1), privateKey: at(5).privateKey })),
    ),
    bad(
      'another-key-id',
      'A good signature under another key id.',
      'PROOF_INVALID/note-key',
      noteOf(line(0), rewrite(line(1), flip(3))),
    ),
    bad(
      'a-time-moved',
      'The time of a line is moved by a second.',
      'PROOF_INVALID/note-signature',
      noteOf(line(0), rewrite(line(1), flip(11))),
    ),
    bad(
      'a-time-moved-by-an-age',
      'The time of a line is moved by its highest bit.',
      'PROOF_INVALID/note-signature',
      noteOf(line(0), rewrite(line(1), flip(4))),
    ),
    bad(
      'a-bit-of-r',
      'A bit of a signature is flipped.',
      'PROOF_INVALID/note-signature',
      noteOf(line(0), rewrite(line(1), flip(20))),
    ),
    bad(
      'a-bit-of-s',
      'The last bit of a signature is flipped.',
      'PROOF_INVALID/note-signature',
      noteOf(line(0), rewrite(line(1), flip(75))),
    ),
    bad(
      's-beyond-the-order',
      'A signature with the group’s order added to its s: the other form of one.',
      'PROOF_INVALID/note-signature',
      noteOf(line(0), rewrite(line(1), addOrder)),
    ),
    bad(
      'a-signature-of-63-bytes',
      'A signature cut off.',
      'PROOF_INVALID/note-form',
      noteOf(
        line(0),
        rewrite(line(1), (bytes) => bytes.subarray(0, 75)),
      ),
    ),
    bad(
      'spare-bits',
      'Spare bits at the end of the base64.',
      'PROOF_INVALID/note-base64',
      noteOf(line(0), spare(line(1))),
    ),
    bad(
      'base64url',
      'The other alphabet of base64.',
      'PROOF_INVALID/note-form',
      noteOf(line(0), line(1).replace(/[A-Za-z0-9](?===\n)/, '-')),
    ),
    bad('no-padding', 'Base64 without padding.', 'PROOF_INVALID/note-form', noteOf(line(0), line(1).replace('==', ''))),
    bad(
      'a-hyphen-for-the-dash',
      'A hyphen where the format has an em dash.',
      'PROOF_INVALID/note-form',
      noteOf(line(0), line(1).replace('—', '-')),
    ),
    bad(
      'two-spaces',
      'Two spaces within a line.',
      'PROOF_INVALID/note-form',
      noteOf(line(0), line(1).replace('— ', '—  ')),
    ),
    bad(
      'a-name-in-capitals',
      'A name in capitals.',
      'PROOF_INVALID/note-form',
      noteOf(line(0), line(1).replace('witness', 'WITNESS')),
    ),
    bad(
      'a-carriage-return',
      'A carriage return at the end of a line.',
      'PROOF_INVALID/note-form',
      noteOf(line(0).replace('\n', '\r\n'), line(1)),
    ),
    bad('no-newline', 'No newline at the end.', 'PROOF_INVALID/note-form', noteOf(line(0), line(1).trimEnd())),
    bad('an-empty-line', 'An empty line at the end.', 'PROOF_INVALID/note-form', noteOf(line(0), line(1), '\n')),
    bad(
      'an-empty-line-between',
      'An empty line between the lines.',
      'PROOF_INVALID/note-form',
      noteOf(line(0), '\n', line(1)),
    ),
    bad(
      'a-line-of-something-else',
      'A line that is no signature.',
      'PROOF_INVALID/note-form',
      noteOf(line(0), 'hello\n'),
    ),
    bad(
      'a-null-byte',
      'A zero byte after a name.',
      'PROOF_INVALID/note-form',
      noteOf(line(0), line(1).replace('witness-1', 'witness-1\0')),
    ),
    bad(
      'not-utf-8',
      'Bytes that are no UTF-8.',
      'PROOF_INVALID/note-form',
      Buffer.concat([noteOf(line(0)), Buffer.from([0xff, 0xfe, 0x0a])]),
    ),
    bad(
      'as-many-bytes-as-a-note-may-have',
      'A note of 16,384 bytes.',
      'PROOF_INVALID/note-form',
      noteOf('x'.repeat(16_384 - Buffer.byteLength(body) - 1)),
    ),
    bad('more-bytes-than-a-note', 'A note of 20,000 bytes.', 'PROOF_INVALID/note-size', noteOf('x'.repeat(20_000))),
    bad(
      'another-chain',
      'The note is about the same block of another chain.',
      'PROOF_INVALID/note-body',
      about({ chain: 'eip155:1338' }),
    ),
    bad(
      'another-genesis',
      'The note is about a chain of another genesis.',
      'PROOF_INVALID/note-body',
      about({ genesis: `0x${'98'.repeat(32)}` }),
    ),
    bad(
      'another-height',
      'The note is about another height.',
      'PROOF_INVALID/note-body',
      about({ height: HEIGHT + 1n }),
    ),
    bad(
      'another-hash',
      'The note is about another block of this height.',
      'PROOF_INVALID/note-body',
      about({ hash: `0x${'12'.repeat(32)}` }),
    ),
    bad(
      'another-body-under-good-lines',
      'Good lines under the body of another block.',
      'PROOF_INVALID/note-body',
      Buffer.from(`${noteBody({ ...block, height: HEIGHT + 1n })}\n${line(0)}${line(1)}`),
    ),
    bad(
      'lines-of-another-body',
      'Lines over another block under the body of this one.',
      'PROOF_INVALID/note-signature',
      noteOf(line(0, time, noteBody({ ...block, height: 499n })), line(1, time, noteBody({ ...block, height: 499n }))),
    ),
    bad(
      'lines-of-a-nonce',
      'Lines that answer a nonce, under the body of a block.',
      'PROOF_INVALID/note-signature',
      noteOf(...[0, 1].map((index) => line(index, time, nonceBody({ ...block, nonce: `0x${'01'.repeat(32)}` })))),
    ),
    bad(
      'a-nonces-note',
      'A whole note that answers a nonce.',
      'PROOF_INVALID/note-body',
      Buffer.from(
        `${nonceBody({ ...block, nonce: `0x${'01'.repeat(32)}` })}\n${line(0, time, nonceBody({ ...block, nonce: `0x${'01'.repeat(32)}` }))}`,
      ),
    ),
    bad(
      'an-extension-line',
      'A line more in the body, which a lenient reader skips.',
      'PROOF_INVALID/note-body',
      Buffer.from(`${body}extension\n\n${line(0)}${line(1)}`),
    ),
    {
      ...bad(
        'a-header-beside-the-note',
        'A change of validators where a note counts.',
        'PROOF_INVALID/change-extra',
        noteOf(line(0), line(1)),
      ),
      bundle: tamper(good, () => ({ changes: [baseHeader] })),
    },
    {
      ...bad('no-note', 'No note.', 'PROOF_INVALID/note-missing', noteOf()),
      bundle: tamper(good, () => ({ note: undefined })),
    },
    {
      ...bad(
        'the-note-of-the-block-before',
        'The note of another block under this one.',
        'PROOF_INVALID/note-body',
        about({ hash: hashOf(plainHeader({ height: HEIGHT })) }),
      ),
    },
    {
      ...bad('an-altered-header', 'Another state under a good note.', 'PROOF_INVALID/note-body', noteOf()),
      bundle: tamper(good, ({ header }) => ({
        header: encodeRlp(replaceItem(decodeRlp(header), { path: [3], by: new Uint8Array(32) })),
      })),
    },
    {
      ...bad('an-altered-height', 'Another height under a good note.', 'PROOF_INVALID/note-body', noteOf()),
      bundle: tamper(good, ({ header }) => ({
        header: encodeRlp(replaceItem(decodeRlp(header), { path: [8], by: integerBytes(501n) })),
      })),
    },
    {
      ...bad(
        'anchor-of-another-chain',
        'A bundle of another chain’s witnesses, who are the same.',
        'PROOF_INVALID/note-body',
        noteOf(line(0), line(1)),
      ),
      patch: { chain: 'eip155:1338' },
    },
    {
      ...bad(
        'anchor-of-another-genesis',
        'A bundle of a chain that was begun anew under the same name.',
        'PROOF_INVALID/note-body',
        noteOf(line(0), line(1)),
      ),
      patch: { genesis: `0x${'98'.repeat(32)}` },
    },
    {
      ...bad('before-the-tenant', 'A block from before the tenant’s registry.', 'ROLLBACK', noteOf(line(0), line(1))),
      source: 'TUF: rollback',
      patch: { beginsAt: 501 },
    },
    {
      ...bad('the-tenants-first-block', 'None: the block in which the tenant begins.', 'ok', noteOf(line(0), line(1))),
      patch: { beginsAt: 500 },
    },
    {
      name: 'a-bft-block',
      attack: 'None: witnesses sign the hash that the chain’s own nodes give, which leaves out the seals.',
      expect: 'ok',
      anchor: 'witnesses',
      proves: { height: '500' },
      bundle: bftBundle(),
    },
    {
      name: 'the-first-block-of-a-bft-chain',
      attack: 'None: a genesis block’s hash is that of its bytes, whatever its consensus.',
      expect: 'ok',
      anchor: 'witnesses',
      patch: { beginsAt: 0 },
      proves: { height: '0' },
      bundle: genesisBundle(),
    },
    {
      name: 'a-bft-block-by-its-bytes',
      attack: 'A note over the hash of a BFT header’s bytes, seals included: one block would have many.',
      expect: 'PROOF_INVALID/note-body',
      anchor: 'witnesses',
      bundle: bftBundle({ naive: true }),
    },
    times('time-of-one', 'None: a sole witness’s time.', 1, [100n], 100n),
    times('time-of-two', 'None: of two witnesses none may lie, so the later time counts.', 2, [100n, 900n], 900n),
    times(
      'one-liar-of-three',
      'One of three witnesses signs a time of the future, so that old facts look fresh.',
      3,
      [100n, 900n],
      100n,
    ),
    times('one-liar-of-three-in-another-place', 'The liar stands first.', 3, [900n, 100n], 100n),
    times('one-liar-beside-two', 'The liar is one of all three.', 3, [100n, 110n, 900n], 110n),
    times('one-liar-of-four', 'One of four lies.', 4, [100n, 900n, 110n], 110n),
    times('two-liars-of-six', 'Two of six lie, as many as may.', 6, [100n, 110n, 800n, 900n], 110n),
    times(
      'two-liars-of-six-all-signed',
      'Two of six lie, and all signed.',
      6,
      [100n, 110n, 800n, 900n, 120n, 5n],
      120n,
    ),
    times('two-liars-of-seven', 'Two of seven lie.', 7, [900n, 800n, 30n, 20n, 10n], 30n),
  ],
};

/** L added to s; where it does not fit any more, s is not below L either. */
function addOrder(bytes: Buffer): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(bytes.subarray(44)).reverse().toString('hex')}`) + order;
  return Buffer.concat([bytes.subarray(0, 44), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()]);
}

function bftBundle({ naive = false } = {}): Uint8Array {
  const hash = naive ? toHex(nobleCrypto.keccak256(sealed)) : hashOf(sealed);
  const of = noteBody({ ...block, hash });
  const note = Buffer.from(`${of}\n${line(0, time, of)}${line(1, time, of)}`);
  return tamper(good, () => ({ header: sealed, note: new Uint8Array(note) }));
}

function genesisBundle(): Uint8Array {
  const header = head({ set: four }, { 8: integerBytes(0n) });
  const of = noteBody({ ...block, height: 0n, hash: toHex(nobleCrypto.keccak256(header)) });
  const note = Buffer.from(`${of}\n${line(0, time, of)}${line(1, time, of)}`);
  return tamper(good, () => ({ header, note: new Uint8Array(note) }));
}

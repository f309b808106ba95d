/** A mutant that no vector kills; `was` and `by` as the run prints them, `by` left out where every edit is meant. */
export interface Survivor {
  readonly file: string;
  readonly was: string;
  readonly by?: string;
}

const inFile = (
  file: string,
  ...edits: readonly (string | readonly [was: string, by: string])[]
): readonly Survivor[] =>
  edits.map((edit) => (typeof edit === 'string' ? { file, was: edit } : { file, was: edit[0], by: edit[1] }));

/** Why mutants survive that no vector could kill, or need. */
export const justified: readonly { readonly why: string; readonly mutants: readonly Survivor[] }[] = [
  {
    why: 'the decoder refuses what the scan lets through, with the same code: each stands in for the other',
    mutants: inFile(
      'chain/light/bundle/scan-cbor.ts',
      ['at > bytes.length', 'false'],
      ['first === undefined', 'false'],
      ['major !== UINT && major !== BYTES && major !== ARRAY', 'false'],
      ['size === undefined', 'false'],
    ),
  },
  {
    why: 'of an array of nothing the nodes are missing too',
    mutants: inFile('chain/light/bundle/decode-bundle.ts', ['!header', 'false']),
  },
  {
    why: 'where the native binding is missing, or for another machine, @noble runs: the driver is run with both',
    mutants: inFile(
      'chain/light/crypto/native-recover.ts',
      '!addon',
      "process.platform !== 'linux' || process.arch !== 'x64'",
      "process.platform !== 'linux'",
      "process.arch !== 'x64'",
    ),
  },
  {
    why: 'both libraries refuse these scalars too; they differ over a high s and v alone',
    mutants: inFile(
      'chain/light/crypto/seal-form.ts',
      'compareWord(seal, { at: r, to: zero }) === 0 || compareWord(seal, { at: r, to: orderBytes }) >= 0',
      'compareWord(seal, { at: r, to: zero }) === 0',
      'compareWord(seal, { at: r, to: orderBytes }) >= 0',
      '>=',
      'compareWord(seal, { at: s, to: zero }) === 0',
    ),
  },
  {
    why: 'the only callers pass 65 bytes, which the extraData was held to, and a hash',
    mutants: [
      ...inFile('chain/light/crypto/native-recover.ts', 'hash.length !== 32'),
      ...inFile('chain/light/crypto/seal-form.ts', 'seal.length !== 65'),
    ],
  },
  {
    why: 'an anchor’s signatures are held to the same form where they are parsed; its own test holds it for others',
    mutants: inFile('chain/light/crypto/is-signed-by.ts', '!SIGNATURE.test(signature)'),
  },
  {
    why: 'a role that is named once too often has no grant that would let anyone in',
    mutants: inFile('chain/light/open-state.ts', 'grant', 'subject !== ANYONE'),
  },
  {
    why: 'comparing with what is not there (undefined, an empty name) gives the same answer',
    mutants: [
      ...inFile('chain/light/qbft/extra-data.ts', 'index === 0'),
      ...inFile('chain/light/qbft/verify-after.ts', 'time !== undefined'),
      ...inFile('core/state/finality.ts', 'index === 0'),
      ...inFile('chain/light/trie/read-trie.ts', ["node.kind === 'branch'", 'true']),
    ],
  },
  {
    why: 'what is sealed in round 0 is the block’s hash: it is taken over where it is known because that is faster',
    mutants: inFile('chain/light/qbft/recover-sealers.ts', ['known && isSealedAsHashed(extra)', 'false']),
  },
  {
    why: 'the quorum of a set that is listed already is that of the old one too: looked at once because that is faster',
    mutants: inFile('chain/light/qbft/follow-validators.ts', ['sameSet(listed, validators)', 'false']),
  },
  {
    why: 'the number of items was checked before, so that none is missing',
    mutants: [
      ...inFile('chain/light/rlp.ts', 'item === undefined'),
      ...inFile('chain/light/trie/parse-node.ts', 'item === undefined'),
      ...inFile('chain/light/witness/verify-note.ts', 'name === undefined', 'encoded === undefined'),
      ...inFile('chain/light/witness/verify-note.ts', 'bytes.length !== COSIGNATURE_BYTES'),
    ],
  },
  {
    why: 'an item that reaches beyond what holds it is refused right after',
    mutants: inFile(
      'chain/light/rlp.ts',
      'at < frame.end',
      'size > 3',
      'size > 3 || at + size > end',
      'at + size > end',
      '>',
    ),
  },
  {
    why: 'of the writer alone: no header has such an item',
    mutants: inFile(
      'chain/light/rlp.ts',
      'value === 0n',
      'isBytes(item)',
      '<=',
      'hex.length % 2 === 0',
      'isSelf(item)',
      ['<', '<='],
      'length < 65_536',
      'item.length === 1',
      '(item[0] ?? 0) < 0x80',
    ),
  },
  {
    why: 'what the short way does not take, the general one judges; a branch of hashes has a length of 32 n + 17',
    mutants: inFile(
      'chain/light/trie/parse-node.ts',
      'bytes[0] === 0xf9',
      ['!isHash', 'true'],
      ['bytes[at] !== 0x80', 'true'],
      ['isHash', 'true'],
      ['isHash', 'false'],
      ['<', '<='],
      ['<=', '<'],
    ),
  },
  {
    why: 'keys of 32 bytes make no root of less than 32; the general trie does, and its own tests show it',
    mutants: inFile('chain/light/trie/node-pile.ts', '!isRoot'),
  },
  {
    why: 'who signed is told to people; the verdict counted them before',
    mutants: inFile('chain/light/witness/verify-note.ts', 'signers.push(name);'),
  },
  {
    why: 'sorting asks only whether one comes before the other',
    mutants: [
      ...inFile('chain/light/witness/verify-note.ts', 'one < other', 'one > other'),
      ...inFile('chain/light/witness/verify-nonce-notes.ts', 'one < other', 'one > other'),
    ],
  },
  {
    why: 'the note is made again from what was read, and compared whole; what else is thrown is no refusal',
    mutants: inFile(
      'chain/light/witness/verify-nonce-notes.ts',
      'note.length > MAX_NOTE_BYTES',
      '>',
      '!/^(?:0|[1-9][0-9]{0,19})$/.test(height)',
      "hasCode(error, 'PROOF_INVALID', 'QUORUM')",
    ),
  },
  {
    why: 'what follows refuses the same with the same code: no EVM address is that long, no threshold is reached by nobody',
    mutants: inFile('core/state/anchor.ts', 'z.string().max(128)', 'z.array(accountField).min(1)'),
  },
  {
    why: 'no bundle counts under an anchor that trusts a node',
    mutants: inFile('core/state/finality.ts', 'z.int().min(0).max(1000)', 'z.int().min(0)'),
  },
  {
    why: 'a device judges the size before the digest, and the schema and the canonical form refuse the same',
    mutants: [
      ...inFile('core/document/parse-document.ts', 'verifySize(bytes);'),
      ...inFile(
        'core/document/verify-shape.ts',
        'verifyText(next.value);',
        'verifyKey(key);',
        'verifyText(key);',
        "key === '__proto__'",
        "typeof value !== 'string' || value.isWellFormed()",
      ),
    ],
  },
  {
    why: 'a list of anchors is held to the same number before, by the schema of what servers answer',
    mutants: inFile('core/state/plan-anchors.ts', ['offered.length > MAX_ANCHORS', 'false']),
  },
  {
    why: 'whoever plans passes over what is not newer before; the verifier’s own tests show it',
    mutants: inFile(
      'core/state/verify-next-anchor.ts',
      'verifyNewer([current, anchor]);',
      'next.version > current.version',
      ['>', '>='],
    ),
  },
  {
    why: 'what is thrown without a code is no refusal; and what was found out is kept because that is faster',
    mutants: [
      ...inFile('core/state/plan-anchors.ts', 'hasCode(refusal)'),
      ...inFile('core/state/verify-next-anchor.ts', 'known.set(account, found);'),
    ],
  },
  {
    why: 'of a place that is not there a list gives undefined too',
    mutants: inFile('core/state/merge-states.ts', 'index === -1', 'index === undefined'),
  },
  {
    why: 'no bundle counts under an anchor that trusts a node, so that each fact has a time and a root',
    mutants: [
      ...inFile('core/state/freshness.ts', 'vouchedAt === undefined'),
      ...inFile('core/state/merge-states.ts', 'tellsOf === undefined', 'root === undefined'),
    ],
  },
  {
    why: 'a membership that nobody tells of has no age, and the time is told to people',
    mutants: inFile('core/policy.ts', 'isRole && account !== undefined', 'time < least'),
  },
  {
    why: 'the checker and whoever accepts a bundle hold its block against the anchor’s: each stands in for the other',
    mutants: [
      ...inFile('chain/light/qbft/verify-qbft.ts', ['hash !== finality.hash', 'false']),
      ...inFile(
        'chain/light/verify-checkpoint.ts',
        ['head.height < height', 'false'],
        ['head.height === height && hash !== checkpoint.hash', 'false'],
      ),
      ...inFile(
        'edge/state/accept-bundle.ts',
        'verifyFloor(state.block, anchor);',
        ["finality.kind === 'qbft'", 'false'],
        'verifyBlock(block, { hash: floor.hash, height: BigInt(floor.height), time: 0n });',
      ),
    ],
  },
  {
    why: 'each of the three limits of a list stands in for the others; how large a file may be, the parser’s own tests show',
    mutants: inFile(
      'core/wire/anchors.ts',
      'z.array(z.unknown()).max(MAX_ANCHORS)',
      'z.array(signedAnchorSchema).max(MAX_ANCHORS)',
      'bytes.length > MAX_ANCHORS_BYTES',
      '>',
    ),
  },
];

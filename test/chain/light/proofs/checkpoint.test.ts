import { describe, expect, test } from 'vitest';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { toHex } from '../../../../chain/light/hex.ts';
import { parseHeader } from '../../../../chain/light/qbft/header.ts';
import { blockHash } from '../../../../chain/light/qbft/header-hash.ts';
import { decodeBundle } from '../../../../chain/light/bundle/decode-bundle.ts';
import type { Anchor } from '../../../../core/state/anchor.ts';
import {
  four,
  qbftAnchor,
  qbftBundle,
  verdictOf,
  witnessAnchor,
  witnessBundle,
} from '../../../support/test-bundles.ts';

const other = `0x${'ab'.repeat(32)}` as const;

describe.each<[string, Anchor, Uint8Array]>([
  ['qbft', qbftAnchor(four), qbftBundle(four)],
  ['witnesses', witnessAnchor(), witnessBundle()],
])('a checkpoint, with %s', (_, anchor, bundle) => {
  const head = parseHeader(decodeBundle(bundle).header);
  const [height, time] = [Number(head.height), Number(head.time)];
  const hash = toHex(blockHash(head, nobleCrypto));

  test.each<[string, Anchor['checkpoint'], string]>([
    ['the very block', { height, hash, time }, 'ok'],
    ['an older one', { height: height - 1, hash: other, time: time - 1 }, 'ok'],
    ['an older one of the same second', { height: height - 1, hash: other, time }, 'ok'],
    ['a newer one', { height: height + 1, hash: other, time: time - 1 }, 'ROLLBACK'],
    ['another block of that height', { height, hash: other, time }, 'EQUIVOCATION'],
    ['an older one of a later time', { height: height - 1, hash: other, time: time + 1 }, 'ROLLBACK'],
  ])('is %s', (__, checkpoint, expected) => {
    expect(verdictOf(bundle, { anchor: { ...anchor, checkpoint } })).toBe(expected);
  });
});

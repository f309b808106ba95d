import { Signature } from 'ethers/crypto';
import { describe, expect, test } from 'vitest';
import { isSignedBy } from '../../platform/statements/is-signed-by.ts';
import { walletOf } from './wallets.ts';

const { account, signMessage } = walletOf(1);
const message = Buffer.from('what was said');
const signature = await signMessage(message);
const claim = { account, message, signature };

const withEnd = (end: string) => `${signature.slice(0, -2)}${end}` as `0x${string}`;
const compact = Signature.from(signature).compactSerialized as `0x${string}`;

describe('isSignedBy', () => {
  test('holds of whoever signed, and of this message alone', () => {
    expect(isSignedBy(claim)).toBe(true);
    expect(isSignedBy({ ...claim, account: walletOf(2).account })).toBe(false);
    expect(isSignedBy({ ...claim, message: Buffer.from('what was not') })).toBe(false);
  });

  test.each<readonly [string, `0x${string}`]>([
    ['ends as Ethereum itself counts', withEnd(signature.endsWith('1b') ? '00' : '01')],
    ['is compact (ERC-2098)', compact],
    ['is in upper case', `0x${signature.slice(2).toUpperCase()}`],
    ['is followed by more', `${signature}00`],
    ['is empty', '0x'],
    ['is on no curve', `0x${'ff'.repeat(64)}1b`],
  ])('refuses a signature that %s', (_, other) => {
    expect(isSignedBy({ ...claim, signature: other })).toBe(false);
  });
});

import { Signature } from 'ethers/crypto';
import { verifyMessage } from 'ethers/hash';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createIsSignedBy } from '../../../chain/light/crypto/is-signed-by.ts';
import { loadProofCrypto } from '../../../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { walletOf } from '../../platform/wallets.ts';

const { account, signMessage } = walletOf(1);
const message = Buffer.from('what was said');
const signature = await signMessage(message);
const claim = { account, message, signature };
const cryptos = { "this machine's": await loadProofCrypto(), '@noble': nobleCrypto };

const withEnd = (end: string) => `${signature.slice(0, -2)}${end}` as `0x${string}`;
const compact = Signature.from(signature).compactSerialized as `0x${string}`;

/** The other signature that the curve's symmetry makes of one: n - s, the other v. */
function mirrored(): `0x${string}` {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
  return `${signature.slice(0, 66)}${s}${signature.endsWith('1b') ? '1c' : '1b'}` as `0x${string}`;
}

describe.for(Object.entries(cryptos))('isSignedBy by %s primitives', ([, crypto]) => {
  const isSignedBy = createIsSignedBy(crypto);

  test('holds of whoever signed, and of this message alone', () => {
    expect(isSignedBy(claim)).toBe(true);
    expect(isSignedBy({ ...claim, account: walletOf(2).account })).toBe(false);
    expect(isSignedBy({ ...claim, message: Buffer.from('what was not') })).toBe(false);
  });

  test.each<readonly [string, `0x${string}`]>([
    ['ends as Ethereum itself counts', withEnd(signature.endsWith('1b') ? '00' : '01')],
    ['is compact (ERC-2098)', compact],
    ['is its mirror image', mirrored()],
    ['is in upper case', `0x${signature.slice(2).toUpperCase()}`],
    ['is followed by more', `${signature}00`],
    ['is empty', '0x'],
    ['is on no curve', `0x${'ff'.repeat(64)}1b`],
    ['is of zeros', `0x${'00'.repeat(64)}1b`],
  ])('refuses a signature that %s', (_, other) => {
    expect(isSignedBy({ ...claim, signature: other })).toBe(false);
  });

  test('says what ethers says of any message, and of any byte of a signature changed', async () => {
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat({ max: 64 }),
      fc.nat({ max: 255 }),
      async (bytes, at, by) => {
        const changed = Buffer.from((await signMessage(bytes)).slice(2), 'hex');
        changed[at] = (changed[at] ?? 0) ^ by;
        const one = { account, message: bytes, signature: `0x${changed.toString('hex')}` as const };
        expect(isSignedBy(one)).toBe(by === 0 && ethersSays(one) === account);
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });
});

function ethersSays(one: { readonly message: Uint8Array; readonly signature: string }): string | undefined {
  try {
    return verifyMessage(one.message, one.signature).toLowerCase();
  } catch {
    // Not on the curve, or out of its order.
    return undefined;
  }
}

import type { Account } from '../../../core/account.ts';
import { sameBytes } from '../hex.ts';
import { accountOfKey } from './account-of-key.ts';
import { loadNativeRecover, type RecoverKey } from './native-recover.ts';
import type { ProofCrypto } from './proof-crypto.ts';

type Keccak256 = ProofCrypto['keccak256'];

/** Loads the fastest implementation that this machine has; its `name` tells which. */
export async function loadProofCrypto(): Promise<ProofCrypto> {
  const native = loadNativeRecover();
  const wasm = await loadWasmKeccak();
  if (native && wasm) return combine({ recoverKey: native, keccak256: wasm, name: nameOf({ native, wasm }) });
  // Not loaded at all where it is not needed: it costs a start 10 ms.
  const { nobleCrypto, recoverKey } = await import('./noble-crypto.ts');
  const keccak256 = wasm ?? nobleCrypto.keccak256;
  return combine({ recoverKey: native ?? recoverKey, keccak256, name: nameOf({ native, wasm }) });
}

function nameOf({ native, wasm }: { readonly native: unknown; readonly wasm: unknown }): string {
  return `secp256k1 ${native ? 'native' : '@noble'}, keccak256 ${wasm ? 'WebAssembly' : '@noble'}`;
}

function combine({
  recoverKey,
  keccak256,
  name,
}: {
  readonly recoverKey: RecoverKey;
  readonly keccak256: Keccak256;
  readonly name: string;
}): ProofCrypto {
  const accountOf = rememberAccounts(keccak256);
  return {
    name,
    keccak256,
    recover: (seal, hash) => {
      const publicKey = recoverKey(seal, hash);
      return publicKey && accountOf(publicKey);
    },
  };
}

/** As many as may seal one chain. */
const REMEMBERED_KEYS = 128;

/** The accounts of public keys: the same validators seal block after block. A seal's key is recovered each time. */
function rememberAccounts(keccak256: Keccak256): (publicKey: Uint8Array) => Account {
  const known: { readonly publicKey: Uint8Array; readonly account: Account }[] = [];
  return (publicKey) => {
    const found = known.find((one) => sameBytes(one.publicKey, publicKey));
    if (found) return found.account;
    const account = accountOfKey(publicKey, keccak256);
    if (known.length === REMEMBERED_KEYS) known.shift();
    known.push({ publicKey, account });
    return account;
  };
}

async function loadWasmKeccak(): Promise<Keccak256 | undefined> {
  try {
    const { createWasmKeccak } = await import('./wasm-keccak.ts');
    return await createWasmKeccak();
  } catch {
    // No WebAssembly on this machine (or none allowed).
    return undefined;
  }
}

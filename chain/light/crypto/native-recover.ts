import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { isSealForm } from './seal-form.ts';

/** The uncompressed public key (65 bytes) that made a seal; undefined as `ProofCrypto.recover` says. */
export type RecoverKey = (seal: Uint8Array, hash: Uint8Array) => Uint8Array | undefined;

/** The addon's own face, without the package's checks of what we check ourselves. */
interface Addon {
  /** Writes the key (65 bytes: uncompressed) into `output`; 0 where it could. */
  ecdsaRecover(output: Uint8Array, signature: Uint8Array, recoveryId: number, hash: Uint8Array): number;
}

type AddonModule = { readonly Secp256k1: new () => Addon };

/**
 * Loads libsecp256k1's addon; undefined where this machine has none. The package's own entry is never loaded: it would
 * fall back to *elliptic* without a word.
 */
export function loadNativeRecover(): RecoverKey | undefined {
  const addon = loadAddon();
  if (!addon) return undefined;
  return (seal, hash) => {
    if (!isSealForm(seal) || hash.length !== 32) return undefined;
    const publicKey = new Uint8Array(65);
    return addon.ecdsaRecover(publicKey, seal.subarray(0, 64), seal[64] ?? 0, hash) === 0 ? publicKey : undefined;
  };
}

function loadAddon(): Addon | undefined {
  const require = createRequire(import.meta.url);
  try {
    const { Secp256k1 } = loadPrebuilt(require) ?? findAddon(require);
    return new Secp256k1();
  } catch {
    // Not installed, or not built for this machine: the caller takes @noble and says so.
    return undefined;
  }
}

/** The addon that comes with the package, straight away: looking for it takes as long again as loading it. */
function loadPrebuilt(require: NodeJS.Require): AddonModule | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    return require('secp256k1/prebuilds/linux-x64/secp256k1.glibc.node') as AddonModule;
  } catch {
    // Another C library.
    return undefined;
  }
}

/** The addon that was built here, or comes with the package for another machine than most. */
function findAddon(require: NodeJS.Require): AddonModule {
  const manifest = require.resolve('secp256k1/package.json');
  const load = createRequire(manifest)('node-gyp-build') as (folder: string) => AddonModule;
  return load(dirname(manifest));
}

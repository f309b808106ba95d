import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '../..');
/** What the fast path goes through although it is imported late. */
const inlined = /\/(?:run-reporting|bundle-verify|wasm-keccak)\.ts$/;

/** Leaves whatever else is imported late where tsc puts it. */
const lateImports: Plugin = {
  name: 'late-imports',
  setup(builder) {
    builder.onResolve({ filter: /^\.{1,2}\// }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import' || inlined.test(path)) return undefined;
      const file = relative(join(root, 'cli'), join(resolveDir, path));
      return { path: `${file.startsWith('.') ? '' : './'}${file.replace(/\.ts$/, '.js')}`, external: true };
    });
  },
};

/**
 * node:crypto, which seals don't need, is loaded with the first call; node:fs/promises, which brings readline and worker
 * threads along, not at all. Each takes a fifth of Node's own start.
 */
const lateBuiltins: Plugin = {
  name: 'late-builtins',
  setup(builder) {
    const builtins: Readonly<Record<string, string>> = {
      'node:crypto': ['createHash', 'createPublicKey', 'verify']
        .map((name) => `export const ${name} = (...args) => process.getBuiltinModule('node:crypto').${name}(...args);`)
        .join('\n'),
      'node:fs/promises': `import { openSync, readSync, closeSync } from 'node:fs';
export async function open(file, flags) {
  const handle = openSync(file, flags);
  return {
    read: async (...args) => ({ bytesRead: readSync(handle, ...args) }),
    close: async () => closeSync(handle),
  };
}`,
    };
    builder.onResolve({ filter: /^node:(?:crypto|fs\/promises)$/ }, ({ path }) => ({ path, namespace: 'late' }));
    builder.onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({ contents: builtins[path] ?? '' }));
  },
};

/**
 * Writes `cli/main.ts` with all that `dewproof bundle verify` needs to one file, since loading a file costs more than
 * running it. All else it imports, once needed, from tsc's output, in whose `cli/` folder it must stand.
 */
export async function bundleCli({ outfile }: { readonly outfile: string }): Promise<void> {
  await build({
    entryPoints: [join(root, 'cli/main.ts')],
    outfile,
    absWorkingDir: root,
    allowOverwrite: true,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    // The package's other form holds all of its hashes at once.
    mainFields: ['module', 'main'],
    external: ['secp256k1', 'yaml'],
    plugins: [lateImports, lateBuiltins],
    // An import that is missing must not be found out by a device.
    logOverride: { 'import-is-undefined': 'error' },
    logLevel: 'warning',
  });
}

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

/** What is used of Node's own modules. */
const builtins = {
  'node:fs': ['closeSync', 'openSync', 'readSync'],
  'node:module': ['createRequire'],
  'node:path': ['dirname', 'join', 'resolve'],
  'node:util': ['inspect', 'styleText'],
};

/** What seals don't need: the first call loads it. */
const lateFunctions = ['createHash', 'createPublicKey', 'verify'];

/** As much of node:fs/promises as reading a file takes. */
const readFiles = `import { openSync, readSync, closeSync } from 'node:fs';
export async function open(file, flags) {
  const handle = openSync(file, flags);
  return {
    read: async (...args) => ({ bytesRead: readSync(handle, ...args) }),
    close: async () => closeSync(handle),
  };
}`;

/**
 * Takes of Node's modules what is used. An import statement looks at each of a module's exports, by which fs and util load
 * a dozen others (readline, worker threads, diff); node:crypto is large. Together they take two thirds of Node's own start.
 */
const fewBuiltins: Plugin = {
  name: 'few-builtins',
  setup(builder) {
    const sources = new Map([['node:fs/promises', readFiles]]);
    for (const [name, used] of Object.entries(builtins)) {
      sources.set(name, `export const { ${used.join(', ')} } = process.getBuiltinModule('${name}');`);
    }
    const late = (name: string) =>
      `export const ${name} = (...args) => process.getBuiltinModule('node:crypto').${name}(...args);`;
    sources.set('node:crypto', lateFunctions.map(late).join('\n'));
    builder.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'few' }));
    builder.onLoad({ filter: /./, namespace: 'few' }, ({ path }) => ({ contents: sources.get(path) ?? '' }));
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
    platform: 'node',
    format: 'esm',
    target: 'node22',
    // The package's other form holds all of its hashes at once.
    mainFields: ['module', 'main'],
    external: ['secp256k1', 'yaml'],
    plugins: [lateImports, fewBuiltins],
    // An import that is missing must not be found out by a device.
    logOverride: { 'import-is-undefined': 'error' },
    logLevel: 'warning',
  });
}

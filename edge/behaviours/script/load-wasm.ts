import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { compileModule, type WasmModule } from './web-assembly.ts';

/** Compiles the interpreter (0.5 MB); all workers share its code. */
export async function loadWasm(): Promise<WasmModule> {
  const require = createRequire(import.meta.url);
  return compileModule(await readFile(require.resolve('@jitl/quickjs-wasmfile-release-sync/wasm')));
}

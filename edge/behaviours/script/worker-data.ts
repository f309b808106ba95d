import type { WasmModule } from './web-assembly.ts';

/** What a worker is born with. */
export interface WorkerData {
  readonly wasm: WasmModule;
  /** Two 32-bit numbers: signs of life, and whose turn it is (0: nobody's). */
  readonly shared: SharedArrayBuffer;
}

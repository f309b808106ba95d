/** What the interpreter takes as its memory; Node's types know nothing of it. */
export type WasmMemory = object;

/** Compiled code; workers share it. */
export type WasmModule = object;

/** The engine's WebAssembly, of which Node's types name the types alone. */
const engine = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Memory: new (pages: { initial: number; maximum: number }) => WasmMemory;
      compile(bytes: Uint8Array): Promise<WasmModule>;
    };
  }
).WebAssembly;

/** Makes a memory of `initial` pages of 64 KiB that never grows past `maximum`. */
export function createMemory(pages: { readonly initial: number; readonly maximum: number }): WasmMemory {
  return new engine.Memory(pages);
}

/** Compiles a module once; threads share its code. */
export function compileModule(bytes: Uint8Array): Promise<WasmModule> {
  return engine.compile(bytes);
}

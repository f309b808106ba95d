import { resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createScriptBehaviours } from '../../../edge/behaviours/script/script-behaviours.ts';
import { startScript } from './support/start-script.ts';

const root = resolve(import.meta.dirname, '../../..');
const declarations = resolve(root, 'types/dewproof.d.ts');
const options: ts.CompilerOptions = {
  allowJs: true,
  checkJs: true,
  strict: true,
  noImplicitAny: false,
  noEmit: true,
  lib: ['lib.es2024.d.ts'],
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
};

function check(file: string): readonly string[] {
  const program = ts.createProgram([declarations, file], options);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** The values that `declare module 'dewproof'` says that scripts can import, by name. */
function declaredValues(): ReadonlyMap<string, readonly string[]> {
  const program = ts.createProgram([declarations], options);
  const checker = program.getTypeChecker();
  const [module] = checker.getAmbientModules();
  if (module === undefined) throw new TypeError('no module is declared');
  const values = checker.getExportsOfModule(module).filter(({ flags }) => (flags & ts.SymbolFlags.Value) !== 0);
  return new Map(
    values.map((symbol) => {
      const type = checker.getTypeOfSymbol(symbol);
      const members = type.getCallSignatures().length > 0 ? [] : type.getProperties().map(({ name }) => name);
      return [symbol.name, members.toSorted()] as const;
    }),
  );
}

describe('the declarations for authors of scripts', () => {
  test('describe the very module that scripts import', async () => {
    const behaviours = createScriptBehaviours({ clock: Date.now });
    onTestFinished(() => behaviours.close());
    const { behaviour, view } = await startScript(
      behaviours,
      `import * as all from 'dewproof';
       export function view() {
         const membersOf = (value) => (typeof value === 'function' ? [] : Object.keys(value).sort());
         return Object.entries(all).map(([name, value]) => [name, membersOf(value)]);
       }`,
    );
    await behaviour.takeOver();
    const offered = new Map((await view()) as [string, string[]][]);
    const sorted = (map: ReadonlyMap<string, readonly string[]>) => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(offered)).toEqual(sorted(declaredValues()));
  });

  test('fit the example', () => {
    expect(check(resolve(root, 'examples/climate/barn-air.js'))).toEqual([]);
  });

  test('tell what is wrong', () => {
    expect(check(resolve(import.meta.dirname, 'support/wrong.js'))).toEqual([
      expect.stringContaining(`has no exported member 'nothing'`),
      expect.stringContaining('Expected 2 arguments, but got 1'),
    ]);
  });
});

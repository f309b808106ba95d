import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** Who may import whom, beside itself: docs/architecture.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  platform: ['core'],
  chain: ['core'],
  dew: ['core', 'platform'],
  edge: ['core', 'platform'],
  witness: ['core', 'platform'],
  cli: ['core', 'platform', 'chain', 'dew', 'edge', 'witness'],
  scripts: ['core', 'platform', 'chain', 'dew', 'edge', 'witness', 'cli'],
  bench: ['core', 'platform', 'chain', 'dew', 'edge', 'witness', 'cli', 'scripts'],
};

/** What would give core a clock, a network, a file or an environment; hashing is a pure function. */
const coreMayUse = ['node:crypto', 'zod', 'canonicalize', 'yaml'];

/** The only packages through which each room touches the world; elsewhere they would cross a port. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  ethers: ['chain', 'platform', 'scripts'],
  express: ['platform', 'dew', 'edge', 'witness', 'bench'],
  aedes: ['platform'],
  level: ['platform'],
  commander: ['cli'],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

function importsOf(room: string): readonly Import[] {
  return globSync(`${room}/**/*.ts`, { cwd: root }).flatMap((file) => {
    const source = readFileSync(resolve(root, file), 'utf8');
    return ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => {
      const target = fileName.startsWith('.') ? relative(root, resolve(root, dirname(file), fileName)) : fileName;
      return { file, room, target };
    });
  });
}

const isPackage = (target: string): boolean => !/\.(?:ts|json)$/.test(target);
const packageOf = (target: string): string =>
  target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? '');

describe('imports', () => {
  for (const [room, allowed] of Object.entries(mayImport)) {
    test(`${room} imports only ${['itself', ...allowed].join(', ')}`, () => {
      const own = importsOf(room).filter(({ target }) => !isPackage(target));
      if (room !== 'bench') expect(own.length).toBeGreaterThan(0);
      const crossing = own.filter(({ target }) => ![room, ...allowed].includes(target.split('/')[0] ?? ''));
      expect(crossing).toEqual([]);
    });
  }

  test('core uses no package that knows a clock, a network, a file or an environment', () => {
    const foreign = importsOf('core').filter(({ target }) => isPackage(target) && !coreMayUse.includes(target));
    expect(foreign).toEqual([]);
  });

  test('core reads no clock, chance, environment or console', () => {
    const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandomBytes\b|\bprocess\.|\bconsole\.|\bfetch\(/;
    const reads = globSync('core/**/*.ts', { cwd: root }).filter((file) =>
      impure.test(readFileSync(resolve(root, file), 'utf8')),
    );
    expect(reads).toEqual([]);
  });

  test('each package that touches the world stays in its rooms', () => {
    const strays = Object.keys(mayImport)
      .flatMap(importsOf)
      .filter(({ room, target }) => {
        const rooms = isPackage(target) ? packageRooms[packageOf(target)] : undefined;
        return rooms !== undefined && !rooms.includes(room);
      });
    expect(strays).toEqual([]);
  });

  test('verified state is minted by chain/light and chain/memory alone', () => {
    const minters = Object.keys(mayImport)
      .flatMap((room) => globSync(`${room}/**/*.ts`, { cwd: root }))
      .filter((file) => file !== 'core/state/verified-state.ts')
      .filter((file) => readFileSync(resolve(root, file), 'utf8').includes('mintVerifiedState'));
    expect(minters.filter((file) => !/^chain\/(?:light|memory)\//.test(file))).toEqual([]);
    expect(minters).not.toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafHashOf, merkleTreeOf, rootOfPath } from '../../../core/receipts/merkle.ts';

// The inputs and roots that Certificate Transparency's implementations share (trillian and transparency-dev/merkle, testonly).
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex'),
);
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const paths: readonly { readonly index: number; readonly size: number; readonly path: readonly string[] }[] = [
  { index: 0, size: 1, path: [] },
  {
    index: 0,
    size: 8,
    path: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  },
  {
    index: 5,
    size: 8,
    path: [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  { index: 2, size: 3, path: ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'] },
  {
    index: 1,
    size: 5,
    path: [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  },
];

const hexOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

describe('the tree of RFC 6962', () => {
  test.each(roots.map((root, size) => ({ root, size })))('has the published root of $size leaves', ({ root, size }) => {
    expect(hexOf(merkleTreeOf(inputs.slice(0, size).map(leafHashOf)).root)).toBe(root);
  });

  test.each(paths)('has the published path of leaf $index of $size', ({ index, size, path }) => {
    const tree = merkleTreeOf(inputs.slice(0, size).map(leafHashOf));
    expect(tree.paths[index]?.map(hexOf)).toEqual(path);
    const leaf = leafHashOf(inputs[index] ?? Buffer.alloc(0));
    expect(hexOf(rootOfPath({ leaf, index, size, path: path.map((hex) => Buffer.from(hex, 'hex')) }))).toBe(
      roots[size],
    );
  });

  test('a path leads to the root from its own place only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, at, other) => {
        const leaves = Array.from({ length: size }, (_, index) => leafHashOf(Buffer.of(index)));
        const { root, paths: all } = merkleTreeOf(leaves);
        const [index, wrong] = [at % size, other % size];
        const [leaf = Buffer.alloc(0), path = []] = [leaves[index], all[index]];
        expect(hexOf(rootOfPath({ leaf, index, size, path }))).toBe(hexOf(root));
        if (wrong !== index) expect(hexOf(rootOfPath({ leaf, index: wrong, size, path }))).not.toBe(hexOf(root));
        expect(rootOfPath({ leaf, index, size, path: [...path, leaf] })).toBeUndefined();
        if (path.length > 0) expect(rootOfPath({ leaf, index, size, path: path.slice(1) })).toBeUndefined();
      }),
    );
  });

  test('no inner node passes for a leaf', () => {
    const leaves = inputs.slice(0, 2).map(leafHashOf);
    const { root } = merkleTreeOf(leaves);
    expect(hexOf(leafHashOf(Buffer.concat(leaves)))).not.toBe(hexOf(root));
  });

  test.each([
    [-1, 2],
    [2, 2],
    [0.5, 2],
    [0, 0],
    [0, Infinity],
  ])('leaf %d of %d is none', (index, size) => {
    expect(rootOfPath({ leaf: leafHashOf(Buffer.of(1)), index, size, path: [] })).toBeUndefined();
  });
});

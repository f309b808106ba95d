import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';

// The npm package `solc` is the compiler: nothing is downloaded. Both profiles are listed because the short
// form of this setting drops `settings` in `production`. `london` runs on every private chain of the last
// years (no PUSH0, no MCOPY); without the metadata hash the code hash depends on the code alone.
const solc = {
  version: '0.8.37',
  path: fileURLToPath(import.meta.resolve('solc/soljson.js')),
  settings: {
    evmVersion: 'london',
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['storageLayout'] } },
  },
};

export default defineConfig({
  solidity: {
    profiles: { default: solc, production: solc },
    npmFilesToBuild: ['@openzeppelin/contracts/access/manager/AccessManager.sol'],
  },
  test: {
    solidity: {
      fuzz: { runs: 256 },
      invariant: { runs: 64, depth: 64, failOnRevert: false },
    },
  },
});

// npm running on an old Node silently leaves out optional dependencies whose `engines` refuse that Node
// (Hardhat's native part among them), although scripts then run on the newer Node from node_modules/.bin.
// Asking the same npm again, on the newer Node, adds just what is missing, from the lockfile.
// Plain JavaScript: on an old Node without the bundled one this file itself must still run.
import { spawnSync } from 'node:child_process';

const npmNodeMajor = Number(/node\/v(\d+)/.exec(process.env.npm_config_user_agent ?? '')?.[1] ?? 0);
const ownMajor = Number(process.versions.node.split('.')[0]);
const npmCli = process.env.npm_execpath;

if (npmNodeMajor > 0 && npmNodeMajor < 22 && ownMajor >= 22 && npmCli) {
  const { status } = spawnSync(
    process.execPath,
    [npmCli, 'install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'],
    { stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
} else if (ownMajor < 22) {
  console.warn(
    `dewproof: Node ${process.versions.node} is too old and no bundled Node is available for this platform; install Node 22.18 or newer.`,
  );
}

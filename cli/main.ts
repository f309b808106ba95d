#!/usr/bin/env node
import { readPlainVerify } from './bundle/read-plain-verify.ts';

const words = process.argv.slice(2);
const verify = readPlainVerify(words);
if (verify === undefined) {
  const { runCli } = await import('./run-cli.ts');
  await runCli(words);
} else {
  // What a script runs for each bundle; all other commands' definitions take longer to load than it takes to run.
  const { runReporting } = await import('./run-reporting.ts');
  const { verifyBundle } = await import('./actions/bundle-verify.ts');
  await runReporting(() => verifyBundle(verify.file, verify));
}

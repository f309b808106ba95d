import type { Command } from 'commander';
import { addScriptTest } from './script-test.ts';

/** `dewproof script`: for authors of scripts. */
export function addScript(program: Command): void {
  const script = program
    .command('script')
    .summary('try scripts before they are proposed')
    .description('Try the script of a resource on this machine, before anybody is asked to approve it.');
  addScriptTest(script);
}

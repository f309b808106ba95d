import type { Command } from 'commander';
import { addDewStart } from './dew-start.ts';

/** `dewproof dew`: the server of a group. */
export function addDew(program: Command): void {
  const dew = program.command('dew').summary('run a dew server').description('Run the server of a group of edges.');
  addDewStart(dew);
}

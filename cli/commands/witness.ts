import type { Command } from 'commander';
import { addWitnessInit } from './witness-init.ts';
import { addWitnessStart } from './witness-start.ts';

/** `dewproof witness`: an operator's witness of a chain. */
export function addWitness(program: Command): void {
  const witness = program
    .command('witness')
    .summary('run a witness of a chain')
    .description('Run a witness: it signs blocks of a chain whose own seals do not make them final.');
  addWitnessInit(witness);
  addWitnessStart(witness);
}

import type { Command } from 'commander';
import { addEdgeStart } from './edge-start.ts';

/** `dewproof edge`: a device. */
export function addEdge(program: Command): void {
  const edge = program.command('edge').summary('run an edge device').description('Run this host as an edge device.');
  addEdgeStart(edge);
}

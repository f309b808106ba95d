import { DewproofError } from '../../../core/errors.ts';
import { MAX_CHANGES } from '../bundle/limits.ts';
import type { Header } from '../qbft/header.ts';

/** That a chain's own headers prove no set of validators for a block (NOT_PROVED). */
export function noWay({ height }: Header): DewproofError {
  return new DewproofError(
    'NOT_PROVED',
    `No ${MAX_CHANGES} headers lead from the anchor's validators to those of block ${height}; make a new anchor, or ask another node.`,
  );
}

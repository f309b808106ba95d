import { describe, expect, test } from 'vitest';
import { chooseProposal } from '../../cli/apply/choose-proposal.ts';
import { digestOf } from '../../core/digest.ts';
import { groupIdOf, resourceIdOf } from '../../core/ids.ts';
import { proposalKey } from '../../core/ledger/proposal-key.ts';
import { emptyLedgerState } from '../../core/ledger/state.ts';

const scope = { tenant: 'greenfields', name: 'barn-climate' };
const proposed = (version: bigint, text: string) => ({
  resource: resourceIdOf(scope),
  version,
  digest: digestOf(Buffer.from(text)),
  group: groupIdOf({ tenant: 'greenfields', name: 'barn-7' }),
  proposer: `0x${'a1'.repeat(20)}` as const,
  approvers: [],
});
const [old, first, rival] = [proposed(1n, 'old'), proposed(2n, 'first'), proposed(2n, 'rival')];
const stateOf = (...proposals: ReturnType<typeof proposed>[]) => ({
  ...emptyLedgerState,
  proposals: new Map(proposals.map((proposal) => [proposalKey(proposal), proposal])),
});
const any = { ...scope, version: undefined, digest: undefined };

describe('chooseProposal', () => {
  test('takes the newest version, or the one that is named', () => {
    expect(chooseProposal(any, stateOf(old, first))).toBe(first);
    expect(chooseProposal({ ...any, version: 1n }, stateOf(old, first))).toBe(old);
  });

  test('never guesses between two documents of one version', () => {
    const state = stateOf(old, first, rival);
    expect(() => chooseProposal(any, state)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(chooseProposal({ ...any, digest: rival.digest }, state)).toBe(rival);
  });

  test('finds nothing under another name, version or digest', () => {
    for (const choice of [
      { ...any, name: 'weather' },
      { ...any, version: 3n },
      { ...any, digest: rival.digest },
    ]) {
      expect(() => chooseProposal(choice, stateOf(old, first))).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    }
  });
});

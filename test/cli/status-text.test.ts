import { expect, test } from 'vitest';
import { formatStatus } from '../../cli/rows/status-text.ts';
import type { EdgeStatus } from '../../edge/status.ts';

test("an edge's status says which anchor it goes by, and which vouched for what it knows", () => {
  const vouched = { signers: ['north', 'south'], members: 3, ageSeconds: 4, anchorVersion: 1 };
  const trust = {
    trusts: '2 of 3 witnesses',
    anchorVersion: 2,
    missingAnchor: null,
    vouched,
    unasked: [],
    split: null,
  };
  const text = formatStatus({
    agent: { phase: 'following' },
    head: null,
    clock: { host: 'now', credible: true, told: true },
    links: [],
    resources: [],
    refusals: [],
    receipts: { kept: 0, pending: 0 },
    trust: { ...trust, freshness: 'FRESH', proofCrypto: null },
  } as unknown as EdgeStatus);
  expect(text).toContain('trusts  2 of 3 witnesses (anchor 2); 2 of 3 vouched 4 s ago, by the former anchor 1; FRESH');
});

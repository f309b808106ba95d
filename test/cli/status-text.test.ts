import { expect, test } from 'vitest';
import { formatStatus } from '../../cli/rows/status-text.ts';
import type { DewStatus } from '../../dew/status.ts';
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

test("a dew's status says which newer anchor it can't go by, and what it lacks", () => {
  const status = {
    kind: 'dew',
    groups: [],
    ledger: { height: null, ageSeconds: null, trouble: null },
    trusts: '2 of 3 witnesses',
    anchorVersion: 1,
    newerAnchor: { version: 2, code: 'CONFIG', message: 'config.yaml is not YAML' },
    bundles: null,
    witnesses: [],
    receipts: { kept: 0, pending: 0, conflicts: 0, anchoring: { enabled: true, trouble: null } },
  } as unknown as DewStatus;
  expect(formatStatus(status)).toMatch(/^ANCHOR {2}version 2 is here, .*tries again by itself; CONFIG: .*not YAML$/m);
  expect(formatStatus({ ...status, newerAnchor: null })).not.toContain('ANCHOR');
  // It goes by that one, and was to ask more witnesses by it.
  const text = formatStatus({ ...status, anchorVersion: 2 });
  expect(text).toMatch(/^ANCHOR {2}version 2 is gone by .*tries .* again by itself; CONFIG: .*not YAML$/m);
  expect(text).not.toContain("can't go by it");
});

test("a dew's status names the groups that can't be proved, and says nothing twice", () => {
  const failing = [{ name: 'barn-8', code: 'ENDLESS_DATA', message: 'It is too large.' }];
  const group = { name: 'barn-7', height: '12', ageSeconds: 3, isFormer: false };
  const status = (trouble: { code: string; message: string } | null) =>
    ({
      kind: 'dew',
      groups: [],
      ledger: { height: null, ageSeconds: null, trouble: null },
      newerAnchor: null,
      bundles: { groups: [group], unasked: [], failing, trouble },
      witnesses: [],
      receipts: { kept: 0, pending: 0, conflicts: 0, anchoring: { enabled: true, trouble: null } },
    }) as unknown as DewStatus;
  const line = /^proves .*$/m;
  const known = "proves  barn-7 as of block 12, 3 s old; barn-8 can't be proved now, ENDLESS_DATA: It is too large.";
  expect(line.exec(formatStatus(status({ code: 'ENDLESS_DATA', message: 'It is too large.' })))?.[0]).toBe(known);
  const gone = { code: 'LEDGER_UNAVAILABLE', message: 'Gone.' };
  expect(line.exec(formatStatus(status(gone)))?.[0]).toBe(`${known}; LEDGER_UNAVAILABLE: Gone.`);
});

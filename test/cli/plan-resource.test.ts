import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planResource, sealDocument, type ResourcePlan, type SealedResource } from '../../cli/apply/plan-resource.ts';
import { newSalt } from '../../cli/apply/salt.ts';
import { createMemoryChain } from '../../chain/memory/memory-ledger.ts';
import type { Account } from '../../core/account.ts';
import { digestOf } from '../../core/digest.ts';
import type { VirtualResourceDraft } from '../../core/document/schema.ts';
import { MAX_VERSION_JUMP } from '../../core/ledger/version-jump.ts';
import { resourceDocument, resourceDraft } from './documents.ts';

const PUBLISHER: Account = `0x${'a1'.repeat(20)}`;
const APPROVER: Account = `0x${'b2'.repeat(20)}`;

function openTenant() {
  const permissions = new Map([
    [PUBLISHER, ['publisher', 'revoker'] as const],
    [APPROVER, ['approver'] as const],
  ]);
  const chain = createMemoryChain({ permissions, approvalThreshold: 1 });
  const known: SealedResource[] = [];
  const plan = (draft: VirtualResourceDraft) => planResource({ draft, state: chain.state(), known, salt: newSalt() });
  /** What `apply` does: it keeps the document before it proposes. */
  const propose = async ({ change, document, proposal }: ResourcePlan) => {
    if (!known.includes(document)) known.push(document);
    if (change === 'propose') await chain.ledgerOf(PUBLISHER).submit({ type: 'propose', proposals: [proposal] });
  };
  const approve = async ({ proposal }: ResourcePlan) => {
    await chain.ledgerOf(APPROVER).submit({ type: 'approve', proposals: [proposal] });
  };
  const revoke = async ({ proposal: { resource, version } }: ResourcePlan) => {
    await chain.ledgerOf(PUBLISHER).submit({ type: 'revoke', resource, version });
  };
  return { chain, known, plan, propose, approve, revoke };
}

const draft = resourceDraft();
const other = resourceDraft({ group: 'barn-8' });

describe('planResource', () => {
  test('proposes version 1 first', () => {
    const { change, document, proposal } = openTenant().plan(draft);
    expect({ change, version: document.document.spec.version }).toEqual({ change: 'propose', version: 1 });
    expect(proposal.digest).toBe(digestOf(document.bytes));
  });

  test('takes up what a run sealed that was cut off before it proposed', () => {
    const { known, plan } = openTenant();
    const first = plan(draft);
    known.push(first.document);
    expect(plan(draft)).toEqual(first);
  });

  test('changes nothing that is proposed or active already', async () => {
    const { plan, propose, approve } = openTenant();
    const first = plan(draft);
    await propose(first);
    expect(plan(draft)).toEqual({ ...first, change: 'unchanged' });
    await approve(first);
    expect(plan(draft)).toEqual({ ...first, change: 'unchanged' });
  });

  test('goes back to an older configuration under a new version and digest', async () => {
    const { plan, propose, approve } = openTenant();
    const first = plan(draft);
    await propose(first);
    await approve(first);
    const second = plan(other);
    await propose(second);
    const third = plan(draft);
    expect([first, second, third].map(({ proposal }) => proposal.version)).toEqual([1n, 2n, 3n]);
    expect(third.proposal.digest).not.toBe(first.proposal.digest);
  });

  test('proposes anew what was revoked, also where it was revoked before it was active', async () => {
    const { plan, propose, approve, revoke } = openTenant();
    const first = plan(draft);
    await propose(first);
    await approve(first);
    await revoke(first);
    const second = plan(draft);
    await propose(second);
    await revoke(second);
    const third = plan(draft);
    expect([second, third].map(({ change }) => change)).toEqual(['propose', 'propose']);
    expect([second, third].map(({ proposal }) => proposal.version)).toEqual([2n, 3n]);
  });

  test('passes over a document of the same version that lost to another', async () => {
    const { known, plan, propose, approve } = openTenant();
    const loser = plan(other);
    const winner = plan(draft);
    await propose(loser);
    await propose({ ...winner, change: 'propose' });
    await approve(winner);
    expect(known).toHaveLength(2);
    expect(plan(other)).toMatchObject({ change: 'propose', proposal: { version: 2n } });
  });

  test('stays within reach, and repeatable, when somebody proposed as far ahead as the ledger allows', async () => {
    const { chain, plan, propose, approve } = openTenant();
    const far = { ...plan(draft).proposal, version: MAX_VERSION_JUMP, digest: digestOf(Buffer.from('far')) };
    await chain.ledgerOf(PUBLISHER).submit({ type: 'propose', proposals: [far] });
    const first = plan(draft);
    expect(first.proposal.version).toBe(1n);
    await propose(first);
    expect(plan(draft)).toEqual({ ...first, change: 'unchanged' });
    await approve(first);
    expect(chain.state().heads.get(first.proposal.resource)).toMatchObject({ version: 1n, status: 'active' });
  });

  test('keeps a version that the draft states, and refuses one that is taken', async () => {
    const { plan, propose } = openTenant();
    const stated = { ...draft, spec: { ...draft.spec, version: 7 } };
    const first = plan(stated);
    expect(first.proposal.version).toBe(7n);
    await propose(first);
    expect(plan(stated).change).toBe('unchanged');
    const taken = { ...other, spec: { ...other.spec, version: 7 } };
    expect(() => plan(taken)).toThrow(expect.objectContaining({ code: 'VERSION_NOT_NEWER' }));
  });

  test('whatever happens in between, the ledger takes every plan, and repeating one changes nothing', async () => {
    const step = fc.record({
      group: fc.constantFrom('a', 'b', 'c'),
      then: fc.constantFrom('nothing', 'approve', 'revoke'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const tenant = openTenant();
        for (const { group, then } of steps) {
          const plan = tenant.plan(resourceDraft({ group }));
          await tenant.propose(plan);
          expect(tenant.plan(resourceDraft({ group }))).toMatchObject({ change: 'unchanged', document: plan.document });
          const isOpen = tenant.chain.state().heads.get(plan.proposal.resource)?.version !== plan.proposal.version;
          if (then === 'approve' && isOpen) await tenant.approve(plan);
          if (then === 'revoke') await tenant.revoke(plan);
        }
      }),
      { numRuns: 50 },
    );
  });
});

test('sealDocument refuses what no device would read', () => {
  const document = resourceDocument({ version: 1 });
  const broken = { ...document, spec: { ...document.spec, salt: 'short' } };
  expect(() => sealDocument(broken)).toThrow(expect.objectContaining({ code: 'SCHEMA' }));
});

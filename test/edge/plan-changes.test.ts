import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  planChanges,
  type Action,
  type PlanQuestion,
  type SlotPhase,
  type SlotView,
  type UnitView,
} from '../../edge/plan-changes.ts';
import type { ConfigurationRecord, DeviceRecord } from '../../core/ledger/records.ts';
import { digestOf } from '../../core/digest.ts';
import { decideRollout, type RolloutStance } from '../../core/rollout/decide-rollout.ts';
import { rolloutPhases } from '../../core/rollout/order.ts';
import type { ResourceId } from '../../core/ids.ts';
import { orderOf } from '../core/support/rollout.ts';
import { DEVICE, GROUP, OTHER_GROUP, stateOf } from '../core/support/site.ts';
import { resourceOf } from './support/site.ts';

const R = resourceOf('climate');
const S = resourceOf('weather');
const digest = digestOf(Buffer.from('document'));
const device: DeviceRecord = { account: DEVICE, kind: 'edge', group: GROUP, status: 'active', profile: undefined };
const record: ConfigurationRecord = { resource: R, version: 2n, digest, group: GROUP, status: 'active' };
const target = { version: 2n, digest, profile: undefined };
const older = { ...target, version: 1n };

function slot(of: Partial<SlotView> = {}): SlotView {
  return { target, phase: 'running', retryAtMs: 0, requires: [], onDisconnect: 'continue', ...of };
}

function plan(site: {
  readonly units?: readonly (readonly [ResourceId, Partial<UnitView>])[];
  readonly assigned?: readonly ResourceId[];
  readonly devices?: readonly DeviceRecord[];
  readonly records?: readonly ConfigurationRecord[];
  readonly rollouts?: ReadonlyMap<ResourceId, RolloutStance>;
  readonly wasAsked?: boolean;
  readonly nowMs?: number;
  readonly freshnessOf?: PlanQuestion['freshnessOf'];
}): readonly Action[] {
  const {
    units = [],
    assigned = [R],
    devices = [device],
    records = [record],
    nowMs = 0,
    rollouts = new Map(),
    wasAsked = true,
    freshnessOf = () => 'FRESH',
  } = site;
  const none = { current: undefined, next: undefined, refused: undefined, way: { isUnderWay: false, retryAtMs: 0 } };
  const state = stateOf(devices, records);
  return planChanges({
    account: DEVICE,
    assigned: new Set(assigned),
    state,
    rollouts,
    askedAt: wasAsked ? state : undefined,
    units: new Map(units.map(([resource, unit]) => [resource, { ...none, ...unit }])),
    nowMs,
    freshnessOf,
  });
}

describe('planChanges', () => {
  test('installs what is assigned and approved', () => {
    expect(plan({})).toEqual([{ type: 'install', resource: R, target }]);
  });

  test('leaves alone what runs and is still wanted', () => {
    expect(plan({ units: [[R, { current: slot() }]] })).toEqual([]);
  });

  test('prepares a newer version beside the one that runs', () => {
    expect(plan({ units: [[R, { current: slot({ target: older }) }]] })).toEqual([
      { type: 'install', resource: R, target },
    ]);
  });

  test.each<[SlotPhase]>([['idle'], ['preparing'], ['installed'], ['starting'], ['running'], ['broken']])(
    'supersedes a version that is %s',
    (phase) => {
      const actions = plan({ units: [[R, { next: slot({ target: older, phase, retryAtMs: Infinity }) }]] });
      expect(actions).toContainEqual({ type: 'install', resource: R, target });
    },
  );

  test('lets a commit end before it supersedes', () => {
    expect(plan({ units: [[R, { next: slot({ target: older, phase: 'committing' }) }]] })).toEqual([]);
  });

  test('gives up a version to come that is not wanted any more', () => {
    const unit = { current: slot(), next: slot({ target: { ...target, version: 3n }, phase: 'preparing' }) };
    expect(plan({ units: [[R, unit]] })).toEqual([{ type: 'discard', resource: R }]);
  });

  test.each([
    ['NOT_ENROLLED', { devices: [] }],
    ['SUSPENDED', { devices: [{ ...device, status: 'suspended' as const }] }],
    ['SUSPENDED', { devices: [{ ...device, status: 'retired' as const }] }],
    ['UNASSIGNED', { assigned: [] }],
    ['NOT_APPROVED', { records: [] }],
    ['REVOKED', { records: [{ ...record, status: 'revoked' as const }] }],
    ['WRONG_GROUP', { records: [{ ...record, group: OTHER_GROUP }] }],
  ])('stops all versions: %s', (reason, site) => {
    const unit = { current: slot({ target: older }), next: slot({ phase: 'starting' }) };
    expect(plan({ units: [[R, unit]], ...site })).toEqual([{ type: 'stop', resource: R, reason }]);
    expect(plan({ units: [[R, { current: slot({ phase: 'idle' }), refused: reason as never }]], ...site })).toEqual([]);
  });

  test('what was revoked stays so when the dew takes it away, as long as the ledger says so', () => {
    const units = [[R, { current: slot({ phase: 'idle' }), refused: 'REVOKED' }]] as const;
    const revoked = { ...record, status: 'revoked' as const };
    expect(plan({ units, assigned: [], records: [revoked] })).toEqual([]);
    const stop = [{ type: 'stop', resource: R, reason: 'UNASSIGNED' }];
    expect(plan({ units, assigned: [], records: [record] })).toEqual(stop);
    expect(plan({ units: [[R, { refused: 'REVOKED' }]], assigned: [], records: [revoked] })).toEqual(stop);
  });

  test('starts again what was stopped, once nothing speaks against it', () => {
    expect(plan({ units: [[R, { current: slot({ phase: 'idle' }), refused: 'SUSPENDED' }]] })).toEqual([
      { type: 'begin', resource: R, slot: 'current' },
    ]);
  });

  test('begins again when it is time, not before', () => {
    const units = [[R, { current: slot({ phase: 'idle', retryAtMs: 500 }) }]] as const;
    expect(plan({ units, nowMs: 499 })).toEqual([]);
    expect(plan({ units, nowMs: 500 })).toEqual([{ type: 'begin', resource: R, slot: 'current' }]);
  });

  test('starts the last known good version while a newer one fails', () => {
    const unit = { current: slot({ target: older, phase: 'idle' }), next: slot({ phase: 'broken' }) };
    expect(plan({ units: [[R, unit]] })).toEqual([{ type: 'begin', resource: R, slot: 'current' }]);
  });

  test('starts a resource only after those that it requires, and says for whom it waits', () => {
    const waiting = { next: slot({ phase: 'installed', requires: [S] }) };
    const records = [record, { ...record, resource: S }];
    const assigned = [R, S];
    const other = (phase: SlotPhase) => [S, { current: slot({ phase, retryAtMs: Infinity }) }] as const;
    expect(plan({ records, assigned, units: [[R, waiting], other('starting')] })).toEqual([
      { type: 'wait', resource: R, slot: 'next', for: [S] },
    ]);
    expect(plan({ records, assigned, units: [[R, waiting], other('running')] })).toEqual([
      { type: 'release', resource: R, slot: 'next' },
    ]);
    expect(plan({ units: [[R, waiting]] })).toEqual([{ type: 'wait', resource: R, slot: 'next', for: [S] }]);
  });

  test('one that waits or is broken holds up no other', () => {
    const units = [
      [R, { next: slot({ phase: 'installed', requires: [resourceOf('never')] }) }],
      [S, { next: slot({ phase: 'installed' }) }],
    ] as const;
    const actions = plan({ units, assigned: [R, S], records: [record, { ...record, resource: S }] });
    expect(actions).toContainEqual({ type: 'release', resource: S, slot: 'next' });
  });

  test('never lets anything start that the state does not approve for this group and device', () => {
    const phases: readonly SlotPhase[] = [
      'idle',
      'preparing',
      'installed',
      'starting',
      'committing',
      'running',
      'broken',
    ];
    const anySlot = fc.option(
      fc.record({
        target: fc.constantFrom(target, older),
        phase: fc.constantFrom(...phases),
        retryAtMs: fc.constantFrom(0, Infinity),
        requires: fc.constant([]),
        onDisconnect: fc.constantFrom('continue', 'stop', undefined),
      }),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        anySlot,
        anySlot,
        fc.constantFrom('active', 'suspended', 'retired'),
        fc.constantFrom('active', 'revoked'),
        fc.constantFrom(GROUP, OTHER_GROUP),
        fc.boolean(),
        (current, next, standing, status, group, isAssigned) => {
          const actions = plan({
            units: [[R, { current, next }]],
            devices: [{ ...device, status: standing }],
            records: [{ ...record, status, group }],
            assigned: isAssigned ? [R] : [],
          });
          const mayRun = standing === 'active' && status === 'active' && group === GROUP && isAssigned;
          const starts = actions.filter(({ type }) => ['install', 'begin', 'release'].includes(type));
          if (!mayRun) expect(starts).toEqual([]);
          if (!mayRun) expect(actions.map(({ type }) => type)).toEqual(['stop']);
          for (const action of actions) if (action.type === 'install') expect(action.target).toEqual(target);
        },
      ),
    );
  });

  test('asks a dew before it installs a newer version, since an order may hold that back', () => {
    const units = [[R, { current: slot({ target: older }) }]] as const;
    expect(plan({ units, wasAsked: false })).toEqual([{ type: 'ask', resource: R, target }]);
    expect(plan({ wasAsked: false })).toEqual([{ type: 'install', resource: R, target }]);
    const moved = { ...target, profile: digest };
    expect(plan({ units: [[R, { current: slot({ target: moved }) }]], wasAsked: false })).toEqual([
      { type: 'install', resource: R, target },
    ]);
  });

  test('held back, it goes on with what is committed, and gives up what was to come', () => {
    const rollouts = new Map([[R, { kind: 'hold' } as const]]);
    expect(plan({ rollouts, units: [[R, { current: slot({ target: older }) }]] })).toEqual([]);
    expect(plan({ rollouts })).toEqual([]);
    const unit = { current: slot({ target: older }), next: slot({ phase: 'preparing' }) };
    expect(plan({ rollouts, units: [[R, unit]] })).toEqual([{ type: 'discard', resource: R }]);
    expect(plan({ rollouts, units: [[R, { current: slot({ target: older, phase: 'idle' }) }]] })).toEqual([
      { type: 'begin', resource: R, slot: 'current' },
    ]);
  });

  test('goes back once, and does nothing else with it meanwhile', () => {
    const rollouts = new Map([[R, { kind: 'return', reason: 'failed' } as const]]);
    const current = slot({ phase: 'idle' });
    expect(plan({ rollouts, units: [[R, { current }]] })).toEqual([{ type: 'return', resource: R, reason: 'failed' }]);
    const way = { isUnderWay: true, retryAtMs: 0 };
    expect(plan({ rollouts, units: [[R, { current, way }]] })).toEqual([]);
    expect(plan({ units: [[R, { current, way }]] })).toEqual([]);
    const later = { isUnderWay: false, retryAtMs: 500 };
    expect(plan({ rollouts, units: [[R, { current, way: later }]], nowMs: 499 })).toEqual([]);
    expect(plan({ rollouts, units: [[R, { current, way: later }]], nowMs: 500 })).toHaveLength(1);
  });

  test('never begins an older version but on probation under a permitted order, and never goes round the ledger', () => {
    const refs = { one: older, two: target, three: { ...target, version: 3n } };
    const anyRef = fc.constantFrom(undefined, ...Object.values(refs));
    const phases: readonly SlotPhase[] = ['idle', 'preparing', 'installed', 'starting', 'running', 'broken'];
    const anySlot = fc.record({
      target: fc.constantFrom(...Object.values(refs)),
      phase: fc.constantFrom(...phases),
      retryAtMs: fc.constant(0),
      requires: fc.constant([]),
      onDisconnect: fc.constant('continue' as const),
    });
    const pair = ({ version }: { version: bigint }) => ({ version: Number(version), digest });
    fc.assert(
      fc.property(
        fc.record({
          committed: anyRef,
          fallback: anyRef,
          isPermitted: fc.boolean(),
          hasFailed: fc.boolean(),
          hasReturned: fc.boolean(),
          isHalted: fc.boolean(),
          account: fc.constantFrom(DEVICE, `0x${'ee'.repeat(20)}` as const),
        }),
        fc.constantFrom(...rolloutPhases),
        fc.constantFrom('active', 'suspended'),
        fc.constantFrom('active', 'revoked'),
        fc.boolean(),
        anySlot,
        fc.option(anySlot, { nil: undefined }),
        (facts, phase, standing, status, wasAsked, current, next) => {
          const order = orderOf({ phase, canaries: [DEVICE], from: pair(older), to: pair(target) });
          const stance = decideRollout({ ...facts, order, head: record });
          const actions = plan({
            units: [[R, { current, next }]],
            devices: [{ ...device, status: standing }],
            records: [{ ...record, status }],
            rollouts: new Map([[R, stance]]),
            wasAsked,
          });
          for (const action of actions) {
            if (action.type === 'return') {
              expect(facts).toMatchObject({ committed: target, fallback: older, isPermitted: true });
              expect([standing, status]).toEqual(['active', 'active']);
              expect(actions).toHaveLength(1);
            }
            if (action.type === 'install') {
              expect(action.target).toEqual(target);
              expect(stance.kind === 'none' || stance.kind === 'try').toBe(true);
              expect(wasAsked || current.target.version >= target.version).toBe(true);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('what the device knows is too old', () => {
  const freshnessOf: PlanQuestion['freshnessOf'] = ({ kind }) => (kind === 'record' ? 'FROZEN' : 'FRESH');
  const frozen = (of: Parameters<typeof plan>[0]) => plan({ freshnessOf, ...of });

  test('nothing that is not committed starts', () => {
    expect(frozen({})).toEqual([{ type: 'freeze', resource: R, target }]);
    expect(frozen({ units: [[R, { next: slot({ phase: 'installed' }) }]] })).toEqual([
      { type: 'discard', resource: R },
      { type: 'freeze', resource: R, target },
    ]);
    expect(frozen({ units: [[R, { current: slot({ target: older }) }]] })).toEqual([
      { type: 'freeze', resource: R, target },
    ]);
  });

  test('what is committed restarts', () => {
    expect(frozen({ units: [[R, { current: slot({ phase: 'idle' }) }]] })).toEqual([
      { type: 'begin', resource: R, slot: 'current' },
    ]);
    expect(frozen({ units: [[R, { current: slot({ phase: 'installed' }) }]] })).toEqual([
      { type: 'release', resource: R, slot: 'current' },
    ]);
    expect(frozen({ units: [[R, { current: slot() }]] })).toEqual([]);
  });

  test.each(['installed', 'running', 'idle'] as const)('what its document wants stopped stops: %s', (phase) => {
    const current = slot({ phase, onDisconnect: 'stop' });
    expect(frozen({ units: [[R, { current }]] })).toEqual([{ type: 'stop', resource: R, reason: 'FREEZE' }]);
    // Stopped, its document is not known any more.
    const stopped = { current: slot({ phase: 'idle', onDisconnect: undefined }), refused: 'FREEZE' } as const;
    expect(frozen({ units: [[R, stopped]] })).toEqual([]);
    expect(plan({ units: [[R, stopped]] })).toEqual([{ type: 'begin', resource: R, slot: 'current' }]);
  });

  test('what is revoked stops for that', () => {
    const units = [[R, { current: slot({ onDisconnect: 'stop' }) }]] as const;
    expect(frozen({ units, records: [{ ...record, status: 'revoked' }] })).toEqual([
      { type: 'stop', resource: R, reason: 'REVOKED' },
    ]);
  });

  test("the device's own standing counts too; only STALE changes nothing", () => {
    const byDevice: PlanQuestion['freshnessOf'] = ({ kind }) => (kind === 'device' ? 'FROZEN' : 'FRESH');
    expect(plan({ freshnessOf: byDevice })).toEqual([{ type: 'freeze', resource: R, target }]);
    expect(plan({ freshnessOf: () => 'STALE' })).toEqual([{ type: 'install', resource: R, target }]);
  });
});

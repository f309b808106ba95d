import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../core/ledger/facts.ts';
import { movesInto, sliceState } from '../../../core/ledger/slice.ts';
import { scripts } from '../support/commands.ts';
import { answer } from '../support/play.ts';
import { after, ALICE, groups, people, resources, tenant, ZERO_ID } from '../support/tenant.ts';

const device = { account: ALICE, group: groups[0] ?? ZERO_ID };

describe('sliceState', () => {
  test('slicing and reducing commute, but where a device moves into the group: then it is sliced anew', () => {
    fc.assert(
      fc.property(scripts, fc.nat(2), (script, threshold) => {
        let whole = tenant(threshold);
        let slice = sliceState(whole, device);
        for (const step of script) {
          const changes = answer(whole, step);
          whole = after(whole, changes);
          slice = sliceState(movesInto(changes, device) ? whole : after(slice, changes), device);
          expect(slice).toEqual(sliceState(whole, device));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a slice that goes on by itself says the same of its device as the whole state', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        let whole = tenant(1);
        let slice = sliceState(whole, device);
        for (const step of script) {
          const changes = answer(whole, step);
          whole = after(whole, changes);
          slice = after(slice, changes);
        }
        const [ofSlice, ofWhole] = [factsOf(slice), factsOf(whole)];
        expect(ofSlice.device(ALICE)).toEqual(ofWhole.device(ALICE));
        expect(ofSlice.resourcesOf(device.group).toSorted()).toEqual(ofWhole.resourcesOf(device.group).toSorted());
        for (const id of ofWhole.resourcesOf(device.group)) expect(ofSlice.record(id)).toEqual(ofWhole.record(id));
      }),
    );
  });

  test("tells all policies and the group's devices, and nothing of others, proposals or governance", () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const whole = script.reduce((state, step) => after(state, answer(state, step)), tenant(1));
        const facts = factsOf(sliceState(whole, device));
        for (const other of people.filter((person) => person !== ALICE)) {
          const known = whole.devices.get(other);
          const isPeer = known?.group === device.group && known.status !== 'retired';
          expect(facts.device(other)).toEqual(isPeer ? known : undefined);
        }
        for (const id of resources) expect([device.group, undefined]).toContain(facts.record(id)?.group);
        expect(sliceState(whole, device)).toMatchObject({
          grants: whole.grants,
          members: whole.members,
          proposals: new Map(),
          governance: new Map(),
          revoked: new Set(),
        });
      }),
    );
  });
});

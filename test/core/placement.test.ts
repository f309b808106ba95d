import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Account } from '../../core/account.ts';
import type { Link } from '../../core/document/addresses.ts';
import type { ResourceId } from '../../core/ids.ts';
import { satisfiesLabels, type Labels } from '../../core/labels.ts';
import { planPlacement, type PlaceableResource, type Placement, type PlacementDevice } from '../../core/placement.ts';

const id = (index: number): ResourceId => `0x${index.toString(16).padStart(64, '0')}`;
const account = (index: number): Account => `0x${index.toString(16).padStart(40, '0')}`;

function resource(index: number, rest: Partial<PlaceableResource> = {}): PlaceableResource {
  return { id: id(index), labels: {}, links: [], requires: [], replicas: 1, ...rest };
}
function device(index: number, rest: Partial<PlacementDevice> = {}): PlacementDevice {
  return { account: account(index), labels: {}, links: [], capacity: 10, ...rest };
}
function placed(...entries: readonly (readonly [number, readonly number[]])[]): Placement {
  return new Map(entries.map(([index, ids]) => [account(index), ids.map(id)]));
}
const none = placed();

describe('planPlacement', () => {
  test('spreads what is free to go where most room is', () => {
    const { placement } = planPlacement({
      resources: [1, 2, 3, 4].map((index) => resource(index)),
      devices: [device(1), device(2)],
      previous: none,
    });
    expect(placement).toEqual(placed([1, [1, 3]], [2, [2, 4]]));
  });

  test('goes by labels', () => {
    const { placement } = planPlacement({
      resources: [resource(1, { labels: { site: 'north' } })],
      devices: [device(1, { labels: { site: 'south' } }), device(2, { labels: { site: 'north', floor: '1' } })],
      previous: none,
    });
    expect(placement).toEqual(placed([1, []], [2, [1]]));
  });

  test('goes by links, those of resources that require each other together', () => {
    const resources = [resource(1, { links: ['ble'], requires: [id(2)] }), resource(2, { links: ['wifi'] })];
    const devices = [
      device(1, { links: ['ble'] }),
      device(2, { links: ['wifi'] }),
      device(3, { links: ['wifi', 'ble'] }),
    ];
    const { placement } = planPlacement({ resources, devices, previous: none });
    expect(placement.get(account(3))).toEqual([id(1), id(2)]);
    const { unplaced } = planPlacement({ resources, devices: devices.slice(0, 2), previous: none });
    expect(unplaced.map(({ reason }) => reason)).toEqual(['no-matching-device', 'no-matching-device']);
  });

  test('keeps a resource where it is, though another device has more room', () => {
    const question = { resources: [resource(1), resource(2)], devices: [device(1, { capacity: 2 }), device(2)] };
    expect(planPlacement({ ...question, previous: placed([1, [1, 2]]) }).placement).toEqual(
      placed([1, [1, 2]], [2, []]),
    );
  });

  test('moves it when its device is gone, full or of other labels', () => {
    const resources = [resource(1, { labels: { site: 'north' } })];
    const good = device(2, { labels: { site: 'north' } });
    for (const devices of [[good], [device(1), good], [device(1, { labels: { site: 'north' }, capacity: 0 }), good]]) {
      const { placement } = planPlacement({ resources, devices, previous: placed([1, [1]]) });
      expect(placement.get(account(2))).toEqual([id(1)]);
    }
  });

  test('puts what requires each other together, and brings apart what was together no more than needed', () => {
    const resources = [resource(1, { requires: [id(2)] }), resource(2, { requires: [id(3)] }), resource(3)];
    const devices = [device(1, { capacity: 2 }), device(2, { capacity: 3 })];
    const { placement } = planPlacement({ resources, devices, previous: placed([1, [1, 2]], [2, [3]]) });
    expect(placement).toEqual(placed([1, []], [2, [1, 2, 3]]));
  });

  test('follows most of a unit that was apart', () => {
    const resources = [resource(1, { requires: [id(2), id(3)] }), resource(2), resource(3)];
    const previous = placed([1, [1]], [2, [2, 3]]);
    const { placement } = planPlacement({ resources, devices: [device(1), device(2)], previous });
    expect(placement.get(account(2))).toEqual([1, 2, 3].map(id));
  });

  test('says why something runs nowhere', () => {
    const { placement, unplaced } = planPlacement({
      resources: [
        resource(1, { labels: { site: 'north' } }),
        resource(2),
        resource(3),
        resource(4, { requires: [id(9)] }),
        resource(5, { requires: [id(4)] }),
      ],
      devices: [device(1, { capacity: 1 })],
      previous: placed([1, [3]]),
    });
    expect(placement).toEqual(placed([1, [3]]));
    expect(unplaced).toEqual([
      { resource: id(1), reason: 'no-matching-device' },
      { resource: id(2), reason: 'no-capacity' },
      { resource: id(4), reason: 'requirement-missing' },
      { resource: id(5), reason: 'requirement-missing' },
    ]);
  });

  test('runs a replica on each of as many devices as it may and there are', () => {
    const devices = [1, 2, 3, 4].map((index) => device(index));
    const { placement } = planPlacement({ resources: [resource(1, { replicas: 3 })], devices, previous: none });
    expect([...placement.values()].flat()).toEqual([1, 1, 1].map(id));
    const wide = planPlacement({ resources: [resource(1, { replicas: 9 })], devices, previous: placement });
    expect(wide).toEqual({ placement: placed([1, [1]], [2, [1]], [3, [1]], [4, [1]]), unplaced: [] });
  });

  test('runs replicas where they were, and no more of them once fewer are wanted', () => {
    const devices = [1, 2, 3].map((index) => device(index));
    const previous = placed([2, [1]], [3, [1]]);
    const two = planPlacement({ resources: [resource(1, { replicas: 2 })], devices, previous });
    expect(two.placement).toEqual(placed([1, []], [2, [1]], [3, [1]]));
    expect(planPlacement({ resources: [resource(1)], devices, previous }).placement).toEqual(
      placed([1, []], [2, [1]], [3, []]),
    );
  });

  test('lets everything run somewhere before anything runs twice', () => {
    const resources = [resource(1, { replicas: 2 }), resource(2), resource(3)];
    const devices = [device(1, { capacity: 1 }), device(2, { capacity: 2 })];
    const { placement, unplaced } = planPlacement({ resources, devices, previous: none });
    expect(unplaced).toEqual([]);
    expect([...placement.values()].flat().toSorted()).toEqual([1, 2, 3].map(id));
  });

  test('replicates a resource with all that it requires, or not at all', () => {
    const devices = [device(1), device(2)];
    const replicasOf = (required: number) => {
      const resources = [resource(1, { replicas: 2, requires: [id(2)] }), resource(2, { replicas: required })];
      return planPlacement({ resources, devices, previous: none }).placement;
    };
    expect(replicasOf(2)).toEqual(placed([1, [1, 2]], [2, [1, 2]]));
    expect(replicasOf(1)).toEqual(placed([1, [1, 2]], [2, []]));
    const alone = [resource(1, { requires: [id(2)] }), resource(2, { replicas: 2 })];
    expect(planPlacement({ resources: alone, devices, previous: none }).placement).toEqual(
      placed([1, [1, 2]], [2, [2]]),
    );
  });

  test('refuses wishes that contradict each other within a unit', () => {
    const { unplaced } = planPlacement({
      resources: [
        resource(1, { labels: { site: 'north' }, requires: [id(2)] }),
        resource(2, { labels: { site: 'south' } }),
      ],
      devices: [device(1, { labels: { site: 'north' } }), device(2, { labels: { site: 'south' } })],
      previous: none,
    });
    expect(unplaced.map(({ reason }) => reason)).toEqual(['no-matching-device', 'no-matching-device']);
  });
});

describe('whatever is to be placed', () => {
  const labels: fc.Arbitrary<Labels> = fc.constantFrom<Labels[]>({}, { site: 'north' }, { site: 'south' });
  const links: fc.Arbitrary<Link[]> = fc.constantFrom<Link[][]>([], ['wifi'], ['ble', 'wifi']);
  const resources = fc.uniqueArray(
    fc.record({
      id: fc.nat(11).map(id),
      labels,
      links,
      requires: fc.array(fc.nat(13).map(id), { maxLength: 2 }),
      replicas: fc.integer({ min: 1, max: 4 }),
    }),
    { selector: (one) => one.id, maxLength: 12 },
  );
  const devices = fc.uniqueArray(fc.record({ account: fc.nat(5).map(account), labels, links, capacity: fc.nat(6) }), {
    selector: (one) => one.account,
    maxLength: 6,
  });
  const previous = fc
    .array(fc.tuple(fc.nat(6), fc.uniqueArray(fc.nat(12), { maxLength: 4 })), { maxLength: 4 })
    .map((entries) => placed(...entries));

  const deviceOf = (placement: Placement, wanted: ResourceId) =>
    [...placement].filter(([, ids]) => ids.includes(wanted)).map(([at]) => at);

  test('each resource runs where it may, no more often than it may, with what it requires, or is said to run nowhere', () => {
    fc.assert(
      fc.property(resources, devices, previous, (wanted, available, before) => {
        const { placement, unplaced } = planPlacement({ resources: wanted, devices: available, previous: before });
        expect([...placement.keys()]).toEqual(available.map((one) => one.account).toSorted());
        for (const one of available) {
          expect(placement.get(one.account)?.length).toBeLessThanOrEqual(one.capacity);
        }
        for (const one of wanted) {
          const at = deviceOf(placement, one.id);
          const missing = unplaced.filter(({ resource: left }) => left === one.id);
          expect(at.length === 0 ? 1 : 0).toBe(missing.length);
          expect(at.length).toBeLessThanOrEqual(one.replicas);
          expect(new Set(at).size).toBe(at.length);
          for (const account of at) {
            const host = available.find(({ account: known }) => known === account);
            expect(satisfiesLabels(host?.labels ?? {}, { wanted: one.labels })).toBe(true);
            for (const link of one.links) expect(host?.links).toContain(link);
          }
          for (const required of one.requires)
            expect(deviceOf(placement, required)).toEqual(expect.arrayContaining(at));
        }
        expect([...placement.values()].flat().every((known) => wanted.some((one) => one.id === known))).toBe(true);
      }),
    );
  });

  test('asked again, nothing moves', () => {
    fc.assert(
      fc.property(resources, devices, previous, (wanted, available, before) => {
        const { placement } = planPlacement({ resources: wanted, devices: available, previous: before });
        const again = planPlacement({ resources: wanted, devices: available, previous: placement });
        expect(again.placement).toEqual(placement);
      }),
    );
  });

  test('the order of the question does not matter', () => {
    fc.assert(
      fc.property(resources, devices, previous, (wanted, available, before) => {
        const asked = planPlacement({ resources: wanted, devices: available, previous: before });
        const reversed = planPlacement({
          resources: wanted.toReversed(),
          devices: available.toReversed(),
          previous: new Map([...before].toReversed()),
        });
        expect(reversed).toEqual(asked);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasCode } from '../../core/errors.ts';
import { eventually } from '../platform/eventually.ts';
import { createFairLine, type Rank, type Request } from '../../dew/bundles/fair-line.ts';

const MOST = 8;

/** A line whose work ends when the test says so; `order` is in which turns were had. */
function openLine(mostWaiting = MOST) {
  const life = new AbortController();
  onTestFinished(() => {
    life.abort();
  });
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const line = createFairLine<string, string>(
    (key) => {
      order.push(key);
      return new Promise((resolve) => {
        ends.push(() => {
          resolve(key);
        });
      });
    },
    { mostWaiting, pauseMs: 0, signal: life.signal },
  );
  const verdicts = new Map<string, string>();
  const join = (request: Request<string>): Promise<void> => {
    const name = `${request.from} ${request.key}`;
    const said = (verdict: string) => {
      verdicts.set(name, verdict);
    };
    try {
      return line.join(request).then(
        () => {
          said('done');
        },
        (error: unknown) => {
          said(hasCode(error) ? error.code : String(error));
        },
      );
    } catch (error) {
      said(hasCode(error) ? error.code : String(error));
      return Promise.resolve();
    }
  };
  const end = (): void => {
    ends.shift()?.();
  };
  /** Ends the work that is under way and waits for the next. */
  const endOne = async (): Promise<void> => {
    const { length } = order;
    end();
    await eventually(() => order.length).toBe(length + 1);
  };
  return { join, order, verdicts, end, endOne };
}

const ask = (from: string, key: string, rank: Rank = 'stranger'): Request<string> => ({ from, key, rank });
const many = (from: string, count: number, rank: Rank = 'stranger') =>
  Array.from({ length: count }, (_, index) => ask(from, `${from}-${index}`, rank));

describe('a full line', () => {
  test('takes in who has fewer places than another, at the cost of that one', async () => {
    const { join, verdicts } = openLine();
    for (const one of many('attacker', MOST + 3)) void join(one);
    await join(ask('attacker', 'one-more'));
    expect([...verdicts.values()].filter((code) => code === 'TOO_MANY')).toHaveLength(4);
    void join(ask('honest', 'own'));
    await Promise.resolve();
    expect(verdicts.get('honest own')).toBeUndefined();
    expect(verdicts.get(`attacker attacker-${MOST - 1}`)).toBe('TOO_MANY');
  });

  test('of those that the ledger does not know keeps out none that it knows', async () => {
    const { join, verdicts, order, endOne } = openLine();
    // As many networks as there are places, so that nobody has more than another.
    for (let index = 0; index < MOST; index += 1) void join(ask(`10.0.7.${index}`, `unknown-${index}`));
    void join(ask('honest', 'device', 'device'));
    expect(verdicts.get('honest device')).toBeUndefined();
    await endOne();
    expect(order).toEqual(['unknown-0', 'device']);
  });

  test('of as many networks as it has places keeps out no device that signs its calls', async () => {
    const { join, verdicts, order, endOne } = openLine();
    for (const rank of ['stranger', 'device'] as const) {
      for (let index = 0; index < 3 * MOST; index += 1) void join(ask(`10.0.${index}.1`, `${rank}-${index}`, rank));
    }
    // Nobody's fault, and nobody's loss but of who asks about others: with a place each, none has more than another.
    await join(ask('10.0.99.1', 'another', 'device'));
    expect(verdicts.get('10.0.99.1 another')).toBe('TOO_MANY');
    void join(ask('honest', 'own', 'itself'));
    await endOne();
    await endOne();
    expect(order.slice(1)).toContain('own');
  });

  test('lets a device go first with what others who may go later asked for, and be thrown out no more', async () => {
    const { join, verdicts, order, endOne } = openLine(3);
    for (const [from, key] of [
      ['busy', 'first'],
      ['attacker', 'more'],
      ['attacker', 'own'],
    ] as const) {
      void join(ask(from, key, 'device'));
    }
    void join(ask('honest', 'own', 'itself'));
    // In the rank that it left there is room for one now, and then at the cost of who has the most.
    void join(ask('other', 'another', 'device'));
    void join(ask('third', 'third', 'device'));
    await endOne();
    await endOne();
    expect(order.slice(1)).toContain('own');
    expect(verdicts.get('honest own')).toBeUndefined();
  });

  test('lets nobody of a later rank count a device’s place as its own, and so have it taken away', async () => {
    const { join, verdicts, order, endOne } = openLine(3);
    for (const from of ['first', 'second', 'third']) void join(ask(from, `own-${from}`, 'itself'));
    for (const key of ['own-second', 'own-third']) void join(ask('attacker', key, 'device'));
    await join(ask('fourth', 'own-fourth', 'itself'));
    expect(verdicts.get('fourth own-fourth')).toBe('TOO_MANY');
    await endOne();
    await endOne();
    expect([verdicts.get('third own-third'), ...order]).toEqual([undefined, 'own-first', 'own-second', 'own-third']);
  });

  test('leaves every fourth turn to those that it does not know', async () => {
    const { join, order, endOne } = openLine();
    for (const one of many('attacker', MOST, 'device')) void join(one);
    void join(ask('honest', 'unknown'));
    for (let ended = 0; ended < 4; ended += 1) await endOne();
    expect(order).toContain('unknown');
  });

  test('can not be used to have another’s place taken away with one’s own', async () => {
    const { join, verdicts, end, endOne, order } = openLine(4);
    for (const [from, key] of [
      ['busy', 'first'],
      ['attacker', 'more'],
      ['attacker', 'and-more'],
      ['attacker', 'wanted'],
      ['honest', 'wanted'],
      ['another', 'own'],
    ] as const) {
      void join(ask(from, key));
    }
    while (!order.includes('wanted')) await endOne();
    end();
    await eventually(() => verdicts.get('honest wanted')).toBe('done');
    expect(verdicts.get('attacker and-more')).toBe('TOO_MANY');
  });
});

test('networks take turns, however much one of them asks', async () => {
  const { join, order, endOne } = openLine();
  for (const one of many('attacker', 6)) void join(one);
  for (const one of many('honest', 2)) void join(one);
  for (let ended = 0; ended < 4; ended += 1) await endOne();
  expect(order.indexOf('honest-0')).toBe(1);
  expect(order.indexOf('honest-1')).toBe(3);
});

test('a network that asks for no more than its share is never refused, whatever the others do', async () => {
  const networks = ['honest', 'b', 'c', 'd'];
  const share = MOST / networks.length;
  const event = fc.oneof(
    { weight: 8, arbitrary: fc.record({ from: fc.constantFrom('b', 'c', 'd'), key: fc.nat(60) }) },
    { weight: 2, arbitrary: fc.constant('honest' as const) },
    { weight: 2, arbitrary: fc.constant('end' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 20, maxLength: 100 }), async (events) => {
      const { join, verdicts, end } = openLine();
      let asked = 0;
      for (const one of events) {
        const pending = asked - [...verdicts.keys()].filter((name) => name.startsWith('honest')).length;
        if (one === 'end') end();
        else if (one !== 'honest') void join(ask(one.from, `key-${one.key}`));
        else if (pending < share) {
          void join(ask('honest', `own-${asked}`));
          asked += 1;
        }
        await new Promise(setImmediate);
      }
      const refused = [...verdicts].filter(([name, code]) => name.startsWith('honest') && code === 'TOO_MANY');
      expect(refused).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

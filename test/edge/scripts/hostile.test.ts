import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { hasCode, type ErrorCode } from '../../../core/errors.ts';
import { resourceIdOf } from '../../../core/ids.ts';
import { createScriptBehaviours, type ScriptBehaviours } from '../../../edge/behaviours/script/script-behaviours.ts';
import { createKeyValuesStore } from '../../../edge/kv/key-values-store.ts';
import { createOutbound } from '../../../edge/reach/fetch-outbound.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { openTestLevel } from '../support/test-store.ts';
import { startScript, type StartedScript } from './support/start-script.ts';

const folder = resolve(import.meta.dirname, 'hostile');

/** How each script is held: what it does not start with, or what is counted, logged or answered. */
interface Containment {
  /** The code that its start fails with. */
  readonly start?: string;
  /** At least one of these is counted. */
  readonly counted?: readonly string[];
  readonly logged?: readonly string[];
  /** Its view answers with one of these codes. */
  readonly view?: readonly ErrorCode[];
  /** It breaks so often that it is given up. */
  readonly givenUp?: boolean;
  readonly limits?: object;
  /** How long it may give no sign of life; default so long that on a busy machine, too, its own limits end it before. */
  readonly stuckMs?: number;
  /** How many readings it is told. */
  readonly readings?: number;
}

const memory: Containment = { counted: ['memory'], limits: { memoryMiB: 8, cpuMs: 5_000, cpuPercent: 100 } };
const stuckMs = 700;
const endless: Containment = { counted: ['cpu-time'] };
const refused = (code: string): Containment => ({ logged: [`info refused ${code}`] });

const containments: Readonly<Record<string, Containment>> = {
  'memory-array': memory,
  'memory-string-doubling': memory,
  'memory-typed-arrays': memory,
  'memory-closures': memory,
  'memory-map': memory,
  'memory-generator': memory,
  'memory-kept': { ...memory, givenUp: true, readings: 50 },
  'loop-while': endless,
  'loop-recursion': { counted: ['script-error'], logged: ['error InternalError: stack overflow'] },
  'loop-regex': endless,
  'loop-promises': { stuckMs, counted: ['broken'], givenUp: true, readings: 50 },
  'loop-microtasks': { stuckMs, counted: ['broken', 'memory'], givenUp: true, readings: 50 },
  'loop-timers': { counted: ['timers'], limits: { cpuMs: 1_000 } },
  'loop-timer-chain': { counted: ['cpu-time'], limits: { cpuMs: 5, cpuPercent: 1 } },
  'loop-sort': endless,
  'loop-finally': endless,
  'loop-catch': endless,
  'loop-native': { stuckMs, counted: ['stuck'], givenUp: true, readings: 50 },
  'loop-native-at-load': { stuckMs, start: 'SCRIPT_ERROR' },
  'loop-bigint': { stuckMs, counted: ['cpu-time', 'stuck', 'script-error'] },
  'loop-json-depth': { stuckMs, counted: ['script-error', 'broken', 'memory'] },
  'loop-source-depth': { stuckMs, counted: ['script-error', 'broken', 'memory'] },
  'loop-share': { counted: ['cpu-share'], limits: { cpuMs: 500, cpuPercent: 1 }, readings: 60 },
  'loop-at-load': { start: 'SCRIPT_ERROR' },
  'proto-pollution': refused('SCHEMA'),
  'proto-constructor': {
    logged: [
      'info seen undefined,undefined,undefined,undefined',
      'info scope undefined undefined undefined',
      'info async undefined',
    ],
  },
  'proto-proxy': { logged: ['info refused'] },
  'proto-to-json': {
    logged: ['info refused ENDLESS_DATA', 'info refused RangeError', 'info refused InternalError'],
    limits: { cpuMs: 2_000 },
  },
  'proto-to-json-again': { stuckMs, counted: ['broken', 'stuck', 'script-error', 'cpu-time', 'memory'] },
  'proto-then': { view: ['TIMEOUT'] },
  // Which of the two ends it first depends on how busy the machine is: the interrupt or the watch over the worker.
  'proto-then-loop': { stuckMs, view: ['UNHEALTHY', 'SCRIPT_ERROR'], counted: ['broken', 'script-error'] },
  'proto-builtins': { counted: ['script-error'] },
  'proto-error-getters': endless,
  'proto-hidden': { logged: ['info found nothing', 'info frozen TypeError', 'info stack false'] },
  'reach-host': refused('FORBIDDEN'),
  'reach-private': refused('FORBIDDEN'),
  'reach-rebound-name': refused('FORBIDDEN'),
  'reach-file': refused('FORBIDDEN'),
  'reach-url-object': refused('FORBIDDEN'),
  'reach-header': refused('FORBIDDEN'),
  'reach-redirect': { logged: ['info status 302 go on', 'info refused FORBIDDEN'] },
  'reach-import-fs': { start: 'SCRIPT_ERROR' },
  'reach-import-node': { start: 'SCRIPT_ERROR' },
  'reach-import-dynamic': {
    logged: ['node:fs', 'https://evil.example/a.js', './guest.ts', 'data:text/javascript,1', 'std', '__proto__'].map(
      (name) => `info refused ${name}`,
    ),
  },
  'reach-store-of-others': { logged: ['info keys 5'] },
  'reach-action': refused('NOT_FOUND'),
  'reach-secret': refused('NOT_FOUND'),
  'reach-view': refused('NOT_FOUND'),
  'reach-input': refused('NOT_FOUND'),
  'output-logs': { counted: ['log-flood'], limits: { cpuMs: 2_000 } },
  'output-store-value': refused('SCHEMA'),
  'output-store-huge': refused('ENDLESS_DATA'),
  'output-deep-json': refused('TOO_DEEP'),
  'output-action-value': refused('ENDLESS_DATA'),
  'output-surrogates': refused('SCHEMA'),
  'output-nul': { logged: ['info passed undefined'] },
  'output-view': { view: ['SCRIPT_ERROR'], counted: ['script-error'] },
  'output-cyclic-view': { view: ['SCRIPT_ERROR'], counted: ['script-error'] },
  'output-calls': { counted: ['calls'], limits: { cpuMs: 2_000 } },
  'throw-at-load': { start: 'SCRIPT_ERROR' },
  'throw-each-event': { counted: ['script-error'], logged: ['error Error: each time at line 2'] },
  'throw-rejecting': { counted: ['script-error'], logged: ['error Error: later at line 3'] },
  'throw-odd': { counted: ['script-error'] },
  'throw-never-resolving': { counted: ['timeout'] },
};

const NEIGHBOUR = `
let told = 0;
export function onReading() { told += 1; }
export function view() { return told; }
`;
// A machine that does other work too may take a while; a neighbour that is held up takes for ever.
const HELD_UP_MS = 5_000;

function open({ stuckMs = 5_000 }: Containment): ScriptBehaviours {
  const behaviours = createScriptBehaviours({
    clock: Date.now,
    backoffMs: 50,
    stuckMs,
    limits: { handlerMs: 2_000, viewMs: 4_000 },
  });
  onTestFinished(() => behaviours.close());
  return behaviours;
}

/** The parts of the reach that stand between a script and the world are the device's own. */
async function openDeviceParts() {
  const server = createServer((_, response) => {
    response.writeHead(302, { location: 'https://evil.example/' }).end('go on');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const values = createKeyValuesStore({ level: await openTestLevel(), onCommit: () => undefined });
  const outbound = createOutbound({ resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });
  onTestFinished(async () => {
    await Promise.all([outbound.close(), values.close()]);
    server.closeAllConnections();
    server.close();
  });
  const redirecting = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  const mine = await values.open(resourceIdOf({ tenant: 'greenfields', name: 'hostile' }));
  const others = await values.open(resourceIdOf({ tenant: 'greenfields', name: 'other' }));
  mine.put('config', { url: redirecting });
  others.put('key', 'theirs');
  return { redirecting, mine, others, outbound };
}

/** Asks a neighbour again and again; the longest that one answer took, in milliseconds. */
function watchNeighbour(neighbour: StartedScript) {
  const watched = { longestMs: 0, answers: 0, isOver: false };
  const asking = (async () => {
    while (!watched.isOver) {
      const beganMs = performance.now();
      neighbour.deliver(1);
      await neighbour.view();
      watched.longestMs = Math.max(watched.longestMs, performance.now() - beganMs);
      watched.answers += 1;
      await new Promise((done) => setTimeout(done, 5));
    }
  })();
  // Where the test fails before its end, this is not what it failed of.
  asking.catch(() => undefined);
  return {
    end: async () => {
      watched.isOver = true;
      await asking;
      return watched;
    },
  };
}

const until = (check: () => unknown) => vi.waitFor(check, { timeout: PATIENCE_MS, interval: 20 });

async function provoke(hostile: StartedScript, { view, readings = 3 }: Containment): Promise<void> {
  await hostile.behaviour.takeOver();
  for (let told = 0; told < readings; told += 1) hostile.deliver(told);
  if (view !== undefined) await expect(hostile.view()).rejects.toSatisfy((error) => hasCode(error, ...view));
}

async function verifyHeld(hostile: StartedScript, held: Containment): Promise<void> {
  await until(() => {
    const { counted = [], logged = [], givenUp = false } = held;
    // It must be told again after each restart, or it would not break again.
    if (givenUp) hostile.deliver(1);
    const counts = hostile.behaviour.dropped();
    if (counted.length > 0) expect(Object.keys(counts).filter((reason) => counted.includes(reason))).not.toEqual([]);
    for (const line of logged) expect(hostile.recorded.logs).toContainEqual(expect.stringContaining(line));
    expect(hostile.recorded.failures.map((error) => (error as { code?: string }).code)).toEqual(
      givenUp ? ['UNHEALTHY'] : [],
    );
  }).catch((error: unknown) => {
    const seen = { counts: hostile.behaviour.dropped(), logs: hostile.recorded.logs.slice(0, 10) };
    throw new Error(`not held as expected: ${JSON.stringify(seen)}`, { cause: error });
  });
}

describe('a hostile script', () => {
  test('is one of those that are listed here', () => {
    const files = readdirSync(folder).map((file) => file.replace(/\.js$/, ''));
    expect(files.sort()).toEqual(Object.keys(containments).sort());
    expect(files.length).toBeGreaterThanOrEqual(30);
  });

  test.each(Object.entries(containments))('%s is held, and holds up nobody', async (name, held) => {
    const behaviours = open(held);
    const parts = await openDeviceParts();
    const stranger = await startScript(behaviours, NEIGHBOUR, { tenant: 'other-farm', name: 'neighbour' });
    const sibling = await startScript(behaviours, NEIGHBOUR, { name: 'neighbour' });
    for (const { behaviour } of [stranger, sibling]) await behaviour.takeOver();
    const watch = watchNeighbour(stranger);
    const starting = startScript(behaviours, readFileSync(resolve(folder, `${name}.js`)), {
      name: 'hostile',
      ...(held.limits === undefined ? {} : { limits: held.limits }),
      outbound: [parts.redirecting, 'http://rebound.example/v1/', 'https://rebound.example/v1/'],
      reach: (resource) => ({ store: parts.mine, fetch: (request) => parts.outbound.fetch(resource, request) }),
    });
    let hostile: StartedScript | undefined;
    if (held.start === undefined) {
      hostile = await starting;
      await provoke(hostile, held);
      await verifyHeld(hostile, held);
    } else {
      await expect(starting).rejects.toMatchObject({ code: held.start });
    }

    expect(hostile?.recorded.acts ?? []).toEqual([]);
    expect(parts.others.keys()).toEqual(['key']);
    const { longestMs, answers } = await watch.end();
    expect(answers).toBeGreaterThan(0);
    expect(longestMs).toBeLessThan(HELD_UP_MS);
    // One of the same tenant may have to be started again: then it goes on.
    await until(async () => {
      sibling.deliver(1);
      expect(await sibling.view()).toBeGreaterThan(0);
    });
    expect([...sibling.recorded.failures, ...stranger.recorded.failures]).toEqual([]);
    await hostile?.behaviour.stop();
    expect(await stranger.view()).toBeGreaterThan(0);
  });
});

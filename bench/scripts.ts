import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Figure } from './report.ts';
import { openBenchHosts, type BenchHosts, type BenchResource } from './script-hosts.ts';
import { median, percentile } from './statistics.ts';

const READINGS = 20_000;
const CHUNK = 500;
const SAMPLES = 300;
const BURNED_SAMPLES = 100;
const run = promisify(execFile);

const COUNTER = `
let told = 0, last;
export function onReading({ value }) { told += 1; last = value; }
export function view() { return { told, last }; }
`;
const BURNER = `
export function onReading() { for (let step = 0; step < 1_000_000; step += 1); }
export function view() { return null; }
`;
const unlimited = { cpuPercent: 100 };

/** What scripts cost: readings, views and memory, against plain views in the same hosts. */
export async function benchScripts(): Promise<readonly Figure[]> {
  const hosts = await openBenchHosts();
  try {
    return [...(await benchReadings(hosts)), ...(await benchLatencies(hosts)), ...(await benchMemory())];
  } finally {
    await hosts.close();
  }
}

async function benchReadings(hosts: BenchHosts): Promise<readonly Figure[]> {
  const plain = await hosts.start({ tenant: 'first', name: 'plain' });
  const script = await hosts.start({ tenant: 'first', name: 'counter', script: COUNTER, limits: unlimited });
  const perSecond = async (resource: BenchResource, done: (count: number) => Promise<boolean>) => {
    const beganMs = performance.now();
    for (let told = 0; told < READINGS; told += CHUNK) {
      for (let index = 0; index < CHUNK; index += 1) resource.tell(told + index);
      while (!(await done(told + CHUNK)));
    }
    return READINGS / ((performance.now() - beganMs) / 1000);
  };
  const throughPlain = await perSecond(plain, async () => (await plain.host.answerView('now', {})) !== undefined);
  const throughScript = await perSecond(script, async (count) => (await stateOf(script)).told === count);
  const how = `${READINGS} readings, ${CHUNK} at once; parsed, kept, windows and disk included`;
  return [
    { what: 'readings through plain views', value: throughPlain, unit: '1/s', how },
    {
      what: 'readings through a script',
      value: throughScript,
      unit: '1/s',
      how: 'the same, and each told to onReading',
    },
    { what: 'plain / script', value: throughPlain / throughScript, unit: 'x', how: 'same run' },
  ];
}

async function benchLatencies(hosts: BenchHosts): Promise<readonly Figure[]> {
  const script = await hosts.start({ tenant: 'first', name: 'latency', script: COUNTER, limits: unlimited });
  const sibling = await hosts.start({ tenant: 'first', name: 'burner', script: BURNER, limits: { cpuPercent: 50 } });
  const stranger = await hosts.start({ tenant: 'second', name: 'burner', script: BURNER, limits: { cpuPercent: 50 } });
  const toView = await sample(async (index) => {
    script.tell(index);
    while ((await stateOf(script)).last !== index);
  });
  const viewTimes = (neighbour: BenchResource | undefined) =>
    sample(
      async () => {
        neighbour?.tell(1);
        await stateOf(script);
      },
      neighbour === undefined ? SAMPLES : BURNED_SAMPLES,
    );
  const quiet = await viewTimes(undefined);
  const besideStranger = await viewTimes(stranger);
  const besideSibling = await viewTimes(sibling);
  const how = `${SAMPLES} computed views, one by one`;
  return [
    {
      what: 'reading to computed view, median',
      value: median(toView),
      unit: 'ms',
      how: `${SAMPLES} readings, one by one`,
    },
    { what: 'reading to computed view, p99', value: percentile(toView, 99), unit: 'ms', how: 'the same' },
    { what: 'computed view, p99', value: percentile(quiet, 99), unit: 'ms', how },
    {
      what: 'computed view, p99, another tenant burns its share',
      value: percentile(besideStranger, 99),
      unit: 'ms',
      how: `${BURNED_SAMPLES} of them, a burning event before each`,
    },
    {
      what: 'computed view, p99, one of its tenant burns its share',
      value: percentile(besideSibling, 99),
      unit: 'ms',
      how: 'the same',
    },
  ];
}

async function benchMemory(): Promise<readonly Figure[]> {
  const without = await rssOf({ scripts: 0, tenants: 0 });
  const cases = [
    { what: 'memory of 1 script', scripts: 1, tenants: 0 },
    { what: 'memory of 10 scripts of one tenant', scripts: 10, tenants: 0 },
    { what: 'memory of 50 scripts of one tenant', scripts: 50, tenants: 0 },
  ];
  const how = `RSS of a process of its own, less ${without.toFixed(0)} MB of the same without scripts`;
  const figures: Figure[] = [];
  let ten = 0;
  for (const { what, ...of } of cases) {
    const value = (await rssOf(of)) - without;
    if (of.scripts === 10) ten = value;
    figures.push({ what, value, unit: 'MB', how });
  }
  const more = (await rssOf({ scripts: 10, tenants: 4 })) - without - ten;
  return [
    ...figures,
    { what: 'memory of each further tenant', value: more / 4, unit: 'MB', how: '4 tenants of one script beside 10' },
  ];
}

async function rssOf({ scripts, tenants }: { scripts: number; tenants: number }): Promise<number> {
  const file = join(import.meta.dirname, 'script-process.ts');
  const { stdout } = await run(process.execPath, ['--expose-gc', file, String(scripts), String(tenants)]);
  return Number(stdout);
}

async function stateOf({ host }: BenchResource): Promise<{ readonly told: number; readonly last: number }> {
  const answer = (await host.answerView('state', {})) as { readonly value: { told: number; last: number } };
  return answer.value;
}

async function sample(task: (index: number) => Promise<void>, count = SAMPLES): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const beganMs = performance.now();
    await task(index + 1);
    times.push(performance.now() - beganMs);
  }
  return times;
}
